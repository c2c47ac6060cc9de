import type { MysqlEngine } from "../spec/types";

/** Name of the sample, of its namespace, and of what is in it. */
export const MYSQL = "mysql";

export const MYSQL_PORT = 3306;

/** The servers, in the order of their ordinals: the first of them is the first primary. */
export const MYSQL_SERVERS = ["mysql-0", "mysql-1", "mysql-2"] as const;

/** Where the pods find what; the scripts' defaults. */
export const MYSQL_PATHS = {
  data: "/var/lib/mysql",
  run: "/run/mysqld",
  secrets: "/etc/mysql-secrets",
  files: "/etc/mysql-sample",
} as const;

/** Users of the servers that are named in the Secret, each with a password of its own. */
export const MYSQL_USERS = ["root", "replication", "app", "probe"] as const;

/** Days that a replica may be away and still catch up from the binary log; the size of its volume bounds them too. */
const BINLOG_DAYS = 3;

/** Longest time that a commit waits for a replica, in milliseconds: the most that both engines take, 49 days. */
const SEMI_SYNC_TIMEOUT_MS = 4_294_967_295;

/** What both engines are told in the same words. */
const COMMON = `[mysqld]
# Closed until role.sh opens it, and following nobody until role.sh says whom.
read_only = ON
bind_address = *
skip_name_resolve = ON
log_bin = binlog
# With these two a commit that was answered is on the disk.
sync_binlog = 1
innodb_flush_log_at_trx_commit = 1
binlog_expire_logs_seconds = ${BINLOG_DAYS * 86_400}
# Half of the memory that a pod asks for.
innodb_buffer_pool_size = 512M
max_connections = 200
# It would be io_uring, which the seccomp profile of a pod refuses.
innodb_use_native_aio = OFF
`;

const NET_TIMEOUT = "# A source that is gone is noticed within 10 s instead of 60.";

const ENGINES: Readonly<Record<MysqlEngine, string>> = {
  mariadb: `${COMMON}skip_slave_start = ON
${NET_TIMEOUT}
slave_net_timeout = 10
log_slave_updates = ON
gtid_strict_mode = ON
binlog_format = ROW
relay_log = relay
character_set_server = utf8mb4
# role.sh switches semi-synchronous replication on; the primary waits before anybody sees the commit, and also without any replica.
rpl_semi_sync_master_wait_point = AFTER_SYNC
rpl_semi_sync_master_wait_no_slave = ON
rpl_semi_sync_master_timeout = ${SEMI_SYNC_TIMEOUT_MS}
`,
  mysql: `${COMMON}super_read_only = ON
${NET_TIMEOUT}
replica_net_timeout = 10
skip_replica_start = ON
log_replica_updates = ON
gtid_mode = ON
enforce_gtid_consistency = ON
relay_log = relay
mysqlx = OFF
# No statement reads or writes files of the server; the folder that is built in need not be there.
secure_file_priv = NULL
plugin_load_add = semisync_source.so
plugin_load_add = semisync_replica.so
plugin_load_add = mysql_clone.so
# role.sh switches semi-synchronous replication on; the primary waits before anybody sees the commit, and also without any replica.
loose_rpl_semi_sync_source_wait_point = AFTER_SYNC
loose_rpl_semi_sync_source_wait_no_replica = ON
loose_rpl_semi_sync_source_wait_for_replica_count = 1
loose_rpl_semi_sync_source_timeout = ${SEMI_SYNC_TIMEOUT_MS}
`,
};

/** The server's option file. */
export function mysqlConfig(engine: MysqlEngine): string {
  return ENGINES[engine];
}

/** A client's option file, so that no password is on a command line. */
export function clientConfig(user: string, password: string): string {
  return `[client]\nuser = ${user}\npassword = ${password}\n`;
}

/** Files of the Secret: the raw passwords, and option files of those that log in. */
export function secretFiles(passwords: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(passwords).flatMap(([user, password]) => [
      [user, password],
      [`${user}.cnf`, clientConfig(user, password)],
    ]),
  );
}
