# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# Dialect: MySQL 8.4 and later. The same functions as in mariadb.sh; run with 9.7 by test/mysql.sh.

readonly CLIENT=mysql
readonly ADMIN=mysqladmin
readonly SERVER=mysqld
readonly DUMPER=mysqldump
readonly DUMP_OPTIONS=(--set-gtid-purged=OFF)

# initialise CONFIG DATA SQL: makes a data folder, with the accounts that the SQL makes
initialise() {
  mysqld --defaults-file="$1" --datadir="$2" --skip-log-bin --super-read-only=OFF --read-only=OFF --initialize-insecure --init-file="$3" >&2
}

# unlogged SERVER: runs what comes by standard input out of the binary log; a closed server refuses root's writes too, but for this moment
unlogged() {
  {
    echo 'SET SESSION sql_log_bin = 0; SET @closed = @@GLOBAL.super_read_only; SET GLOBAL super_read_only = OFF;'
    cat
    echo 'SET GLOBAL super_read_only = @closed;'
  } | ask "$1"
}

status_sql() {
  cat <<'SQL'
SELECT term, name AS `primary`, @@read_only AS closed,
  REPLACE(CONCAT(@@gtid_executed, ',', IFNULL(r.received_transaction_set, '')), '\n', '') AS has,
  REPLACE(IFNULL(r.received_transaction_set, ''), '\n', '') AS received,
  IFNULL(c.host, '') AS source, IFNULL(r.service_state, 'OFF') AS receiving, IFNULL(a.service_state, 'OFF') AS applying,
  IF(r.last_error_number IN (13114, 1236), r.last_error_number, 0) AS fatal, IFNULL(w.failed, 0) AS failed
FROM ha_kubernetes.role
  LEFT JOIN performance_schema.replication_connection_configuration c ON c.channel_name = ''
  LEFT JOIN performance_schema.replication_connection_status r ON r.channel_name = ''
  LEFT JOIN performance_schema.replication_applier_status a ON a.channel_name = ''
  LEFT JOIN (SELECT MAX(last_error_number) AS failed FROM performance_schema.replication_applier_status_by_worker WHERE channel_name = '') w ON TRUE;
SQL
}

# translate SERVER: puts what it said, in its own words, into SEEN
translate() {
  local -A word=([ON]=Yes [OFF]=No [CONNECTING]=Connecting)
  local error=
  if [[ ${said[fatal]:-0} != [0N]* ]]; then error="error ${said[fatal]} of receiving"; fi
  if [[ ${said[failed]:-0} != 0 ]]; then error="error ${said[failed]} of applying"; fi
  SEEN[$1.term]=${said[term]}
  SEEN[$1.primary]=${said[primary]}
  SEEN[$1.closed]=${said[closed]}
  SEEN[$1.has]=${said[has]}
  SEEN[$1.received]=${said[received]}
  SEEN[$1.source]=${said[source]}
  SEEN[$1.receiving]=${word[${said[receiving]}]}
  SEEN[$1.applying]=${word[${said[applying]}]}
  SEEN[$1.error]=$error
}

# lacks SERVER THEIRS OURS: prints what is in THEIRS and not in OURS, two sets of GTIDs; SERVER does the sum
lacks() { ask "$1" <<<"SELECT REPLACE(GTID_SUBTRACT('$2', '$3'), '\n', '')" | sed '/^$/d'; }

# seed SERVER: clones all that SERVER has, its record among it; the server here ends with it, and the kubelet starts it again
seed() {
  local password out
  password=$(<"$SECRETS/root")
  echo begun >"$CLONE"
  # The client shows a statement that fails.
  out=$(ASK_SECONDS=${SEED_SECONDS:-3600} ask "$ME" 2>&1 <<<"SET GLOBAL super_read_only = OFF;
    SET GLOBAL clone_valid_donor_list = '${ADDRESS[$1]}:$PORT';
    CLONE INSTANCE FROM 'root'@'${ADDRESS[$1]}':$PORT IDENTIFIED BY '$password';") || {
    # 3707: all is here, and the server ends.
    if [[ $out == *"ERROR 3707"* ]]; then echo made >"$CLONE"; else say "${out//$password/[secret]}"; fi
    return 1
  }
}

# load FILE: fills the closed server here with a dump; begun again, it ends in the same
load() {
  ask "$ME" <<<'SET GLOBAL super_read_only = OFF;'
  ASK_SECONDS=${SEED_SECONDS:-3600} ask "$ME" <"$1"
}

# stop_receiving: what was received is applied all the same
stop_receiving() { ask "$ME" <<<'STOP REPLICA IO_THREAD;'; }

# drain: waits until all that was received is applied
drain() {
  look "$ME" || return 1
  local received=${SEEN[$ME.received]}
  [[ -z $received ]] || [[ $(ASK_SECONDS=70 ask "$ME" <<<"SELECT WAIT_FOR_EXECUTED_GTID_SET('$received', 60)") == 0 ]]
}

# follow SERVER: receives from a server all that this one has not, and acknowledges it
follow() {
  local password out
  password=$(<"$SECRETS/replication")
  out=$(ask "$ME" 2>&1 <<<"STOP REPLICA;
    SET GLOBAL rpl_semi_sync_replica_enabled = ON;
    CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${ADDRESS[$1]}', SOURCE_PORT = $PORT, SOURCE_USER = 'replication',
      SOURCE_PASSWORD = '$password', SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1, SOURCE_CONNECT_RETRY = 2, SOURCE_RETRY_COUNT = 0;
    START REPLICA;") || {
    say "${out//$password/[secret]}"
    return 1
  }
}

start_replication() { ask "$ME" <<<'SET GLOBAL rpl_semi_sync_replica_enabled = ON; START REPLICA;'; }

# open_for_writes: each commit waits for a replica from the first on
open_for_writes() {
  ask "$ME" <<<'STOP REPLICA; RESET REPLICA ALL;
    SET GLOBAL rpl_semi_sync_source_enabled = ON; SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF;'
}

# close_for_writes: see mariadb.sh
close_for_writes() {
  ask "$ME" <<<'SET SESSION lock_wait_timeout = 2; SET GLOBAL super_read_only = ON;' || true
  ask "$ME" < <(ask "$ME" <<<"SELECT CONCAT('KILL ', processlist_id, ';') FROM performance_schema.threads
    WHERE type = 'FOREGROUND' AND processlist_id <> CONNECTION_ID() AND processlist_user NOT IN ('event_scheduler', 'replication', 'probe')") || true
  ask "$ME" <<<'SET SESSION lock_wait_timeout = 5; SET GLOBAL super_read_only = ON; SET GLOBAL rpl_semi_sync_source_enabled = OFF;'
}
