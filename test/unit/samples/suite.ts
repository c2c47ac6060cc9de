import type { MysqlEngine } from "../../../components/spec/types";
import { needEngine } from "./engines";
import { TestServers } from "./servers";

/** Gives a suite, whose tests each begin where the one before it ends, three servers in service, and stops them after it. */
export function withServers(
  suite: Mocha.Suite,
  engine: MysqlEngine,
  give: (servers: TestServers) => void,
): void {
  suite.bail(true);
  let started: TestServers | undefined;
  before(async function () {
    needEngine(this, engine);
    started = await TestServers.start(engine);
    give(started);
    await started.until({ "mysql-0": "primary", "mysql-1": "replica", "mysql-2": "replica" }, 50);
  });
  after(() => started?.stop());
}
