import { kubectl } from "./support";

/** Runs a statement in a server of the sample mysql, as root, beside it. */
export function onServer(server: string, statement: string): Promise<string> {
  const root = "mariadb --defaults-file=/etc/mysql-secrets/root.cnf --socket=/run/mysqld/mysqld.sock -N -B";
  return kubectl(
    ...["-n", "mysql", "exec", server, "-c", "server", "--", "sh", "-c", `${root} -e "${statement}"`],
  );
}
