import { kubectl } from "./support";

/** Runs a statement in a server of the sample mysql, as root, beside it; it fails if it takes more than 30 s. */
export function onServer(server: string, statement: string): Promise<string> {
  const root =
    "timeout 30 mariadb --defaults-file=/etc/mysql-secrets/root.cnf --socket=/run/mysqld/mysqld.sock -N -B";
  return kubectl(
    ...["--request-timeout=0", "-n", "mysql", "exec", server, "-c", "server"],
    ...["--", "sh", "-c", `${root} -e "${statement}"`],
  );
}
