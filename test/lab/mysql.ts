import { ask } from "./client";

/** Runs a statement in a server of the sample mysql, as root, beside it; it fails if it takes more than 30 s. */
export function onServer(server: string, statement: string): Promise<string> {
  const root =
    "timeout 30 mariadb --defaults-file=/etc/mysql-secrets/root.cnf --socket=/run/mysqld/mysqld.sock -N -B";
  return ask(server, `${root} -e "${statement}"`, "mysql", "-c", "server");
}
