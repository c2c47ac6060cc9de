# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154
# Dialect: MariaDB 10.11.

readonly CLIENT=mariadb
readonly ADMIN=mariadb-admin
readonly SERVER=mariadbd
readonly DUMPER=mariadb-dump
readonly DUMP_OPTIONS=()

# initialise CONFIG DATA SQL: makes a data folder, with the accounts that the SQL makes
initialise() {
  # By force: the host's name need not resolve.
  mariadb-install-db --defaults-file="$1" --datadir="$2" --skip-log-bin --force --auth-root-authentication-method=normal --skip-test-db >&2
  {
    # One for each name of this machine, without a password.
    echo "DELETE FROM mysql.global_priv WHERE user = 'root';"
    echo "DELETE FROM mysql.proxies_priv;"
    echo 'FLUSH PRIVILEGES;'
    cat "$3"
  } | mariadbd --defaults-file="$1" --datadir="$2" --skip-log-bin --bootstrap >&2
}

# unlogged SERVER: runs what comes by standard input out of the binary log; root may write to a closed server
unlogged() {
  {
    echo 'SET SESSION sql_log_bin = 0;'
    cat
  } | ask "$1"
}

status_sql() {
  cat <<'SQL'
SELECT term, name AS `primary`, @@read_only AS closed, @@gtid_binlog_state AS logged, @@gtid_slave_pos AS applied FROM ha_kubernetes.role;
SHOW SLAVE STATUS;
SQL
}

# translate SERVER: puts what it said, in its own words, into SEEN
translate() {
  local error=
  # 1236: the source has not what is asked for. Every other failure to receive is tried again.
  if [[ ${said[Last_IO_Errno]:-0} == 1236 ]]; then error=${said[Last_IO_Error]}; fi
  if [[ ${said[Last_SQL_Errno]:-0} != 0 ]]; then error=${said[Last_SQL_Error]}; fi
  SEEN[$1.term]=${said[term]}
  SEEN[$1.primary]=${said[primary]}
  SEEN[$1.closed]=${said[closed]}
  SEEN[$1.has]=${said[logged]},${said[applied]},${said[Gtid_IO_Pos]:-}
  SEEN[$1.received]=${said[Gtid_IO_Pos]:-}
  SEEN[$1.source]=${said[Master_Host]:-}
  SEEN[$1.receiving]=${said[Slave_IO_Running]:-No}
  SEEN[$1.applying]=${said[Slave_SQL_Running]:-No}
  SEEN[$1.error]=$error
}

# lacks SERVER THEIRS OURS: prints what is in THEIRS and not in OURS (lists of DOMAIN-SERVER-NUMBER).
# Numbers of one server rise without a gap in everybody's history, so the highest of each says it all.
lacks() {
  local gtid
  local -A highest=()
  for gtid in ${3//,/ }; do
    if ((${gtid##*-} > ${highest[${gtid%-*}]:-0})); then highest[${gtid%-*}]=${gtid##*-}; fi
  done
  for gtid in ${2//,/ }; do
    ((${gtid##*-} <= ${highest[${gtid%-*}]:-0})) || echo "$gtid"
  done
}

# seed SERVER: fills the empty server here with all that SERVER has, and remembers where in its history that is
seed() {
  local CONNECT logged name position states=()
  logged=$(ask "$1" <<<'SELECT @@gtid_binlog_state')
  # A try that was broken off may have left some behind.
  unlogged "$ME" < <(ask "$ME" <<<"SELECT CONCAT('DROP DATABASE \`', schema_name, '\`;') FROM information_schema.schemata
    WHERE schema_name NOT IN ($OWN_SCHEMAS)")
  ask "$ME" <<<'STOP SLAVE; RESET SLAVE ALL; RESET MASTER;'
  connection "$1"
  # It reads in one transaction and takes no lock, so that a commit which waits for a replica holds it up no more than it does the commit.
  mariadb-dump "${CONNECT[@]}" --all-databases --single-transaction --master-data=1 --gtid --routines --events \
    --flush-privileges --ignore-table=ha_kubernetes.role --ignore-table=mysql.gtid_slave_pos |
    ASK_SECONDS=${SEED_SECONDS:-3600} unlogged "$ME"
  position=$(ask "$ME" <<<'SELECT @@gtid_slave_pos')
  for name in ${logged//,/ }; do
    [[ $position == "${name%-*}"-* ]] || states+=("$name")
  done
  [[ -z $position ]] || states+=("$position")
  # A dump has no binary log: without this nobody could tell later that these transactions are in here.
  local IFS=,
  ask "$ME" <<<"RESET MASTER; SET GLOBAL gtid_binlog_state = '${states[*]}';"
}

# load FILE: fills the closed server here with a dump; begun again, it ends in the same
load() { ASK_SECONDS=${SEED_SECONDS:-3600} ask "$ME" <"$1"; }

# stop_receiving: what was received is applied all the same
stop_receiving() { ask "$ME" <<<'STOP SLAVE IO_THREAD;'; }

# drain: waits until all that was received is applied. A start of both threads would throw it away and ask the source for it, which may be gone.
drain() {
  look "$ME" || return 1
  local received=${SEEN[$ME.received]}
  [[ -z $received ]] || [[ $(ASK_SECONDS=70 ask "$ME" <<<"SELECT MASTER_GTID_WAIT('$received', 60)") == 0 ]]
}

# follow SERVER: receives from a server all that this one has not, and acknowledges it
follow() {
  local password out
  password=$(<"$SECRETS/replication")
  # The client shows a statement that fails.
  out=$(ask "$ME" 2>&1 <<<"STOP SLAVE;
    SET GLOBAL gtid_slave_pos = @@gtid_current_pos;
    SET GLOBAL rpl_semi_sync_slave_enabled = 1;
    CHANGE MASTER TO master_host = '${ADDRESS[$1]}', master_port = $PORT, master_user = 'replication',
      master_password = '$password', master_use_gtid = slave_pos, master_connect_retry = 2;
    START SLAVE;") || {
    say "${out//$password/[secret]}"
    return 1
  }
}

start_replication() { ask "$ME" <<<'SET GLOBAL rpl_semi_sync_slave_enabled = 1; START SLAVE;'; }

# open_for_writes: each commit waits for a replica from the first on
open_for_writes() {
  ask "$ME" <<<'STOP SLAVE; SET GLOBAL gtid_slave_pos = @@gtid_current_pos; RESET SLAVE ALL;
    SET GLOBAL rpl_semi_sync_master_enabled = 1; SET GLOBAL read_only = 0;'
}

# close_for_writes: read_only waits for every commit, and a commit may wait for a replica for ever: those who wait are cut off without an answer.
# Only then commits wait for nobody: switched off before, they would be answered as if a replica had them.
close_for_writes() {
  ask "$ME" <<<'SET SESSION lock_wait_timeout = 2; SET GLOBAL read_only = 1;' || true
  ask "$ME" < <(ask "$ME" <<<"SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist
    WHERE id <> CONNECTION_ID() AND user NOT IN ('system user', 'event_scheduler', 'replication', 'probe')") || true
  ask "$ME" <<<'SET SESSION lock_wait_timeout = 5; SET GLOBAL read_only = 1; SET GLOBAL rpl_semi_sync_master_enabled = 0;'
}
