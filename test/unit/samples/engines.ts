import { spawnSync } from "node:child_process";
import { pend, need } from "../support/programs";
import type { MysqlEngine } from "../../../components/spec/types";

/** What the tests must say in an engine's own words. */
interface Engine {
  /** What runs on the machine. */
  readonly programs: readonly [server: string, client: string, ...string[]];
  /** A small log of its storage, as an option. */
  readonly smallLog: string;
  readonly stopReceiving: string;
}

export const MYSQL_ENGINES: readonly MysqlEngine[] = ["mariadb", "mysql"];

export const ENGINES: Readonly<Record<MysqlEngine, Engine>> = {
  mariadb: {
    programs: ["mariadbd", "mariadb", "mariadb-admin", "mariadb-dump", "mariadb-install-db"],
    smallLog: "innodb_log_file_size = 8M",
    stopReceiving: "STOP SLAVE IO_THREAD",
  },
  mysql: {
    programs: ["mysqld", "mysql", "mysqladmin", "mysqldump"],
    smallLog: "innodb_redo_log_capacity = 32M",
    stopReceiving: "STOP REPLICA IO_THREAD",
  },
};

/** Goes on if the machine has the engine; MariaDB has programs of the same names as MySQL. */
export function needEngine(context: Mocha.Context, engine: MysqlEngine): void {
  const { programs } = ENGINES[engine];
  need(context, ...programs);
  const { stdout } = spawnSync(programs[0], ["--version"], { encoding: "utf8" });
  if (stdout.includes("MariaDB") !== (engine === "mariadb"))
    pend(context, `this machine's ${programs[0]} is another engine's`);
}
