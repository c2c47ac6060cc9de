#!/usr/bin/env bash
# Starts the server of a pod: makes its data folder first if there is none. Who is the primary is for role.sh to find out; the server starts closed.
#   start.sh [OPTION...]   options of the server, beside those of its option file
set -Eeuo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

readonly CONFIG=${MYSQL_CONFIG:-/etc/mysql-sample/server.cnf}

# Name of the restore that made this pod, or nothing.
readonly RESTORED=${MYSQL_RESTORED:+${DATA%/*}/restored-$MYSQL_RESTORED}

main() {
  local engine
  echo starting >"$STATE"
  if [[ -n $RESTORED && ! -e $RESTORED ]]; then
    # Copied while the server wrote to it, file by file, it is no data. What was dumped before is.
    rm -rf "$DATA"
    [[ ! -s $DUMP ]] || mv "$DUMP" "$LOAD"
    say "restored: begins anew, with what the first dump has"
  fi
  # The first start with a clone puts it in its place. One that was broken off, or whose first start was, leaves a server that
  # does not start, or one without our tables (seen with MySQL 9.7.4).
  case $(cat "$CLONE" 2>/dev/null) in
  made) echo started >"$CLONE" ;;
  ?*)
    rm -rf "$DATA" "$CLONE"
    say "a clone was broken off: begins anew"
    ;;
  esac
  # Where the hook of a backup can't run, the volume is copied all the same.
  rm -f "$DUMP" "$DUMP.part"
  if [[ ! -e $DATA/made ]]; then
    # Killed half-way, it begins anew: nothing is in there yet.
    rm -rf "$DATA"
    (umask 077 && accounts >"$RUN/accounts.sql")
    initialise "$CONFIG" "$DATA" "$RUN/accounts.sql"
    rm "$RUN/accounts.sql"
    sync
    touch "$DATA/made"
    say "made an empty data folder in $DATA"
  fi
  [[ -z $RESTORED ]] || touch "$RESTORED"
  # Earlier versions left it empty.
  [[ -s $DATA/made ]] || echo "$MYSQL_ENGINE" >"$DATA/made"
  engine=$(<"$DATA/made")
  if [[ $engine != "$MYSQL_ENGINE" ]]; then
    say "the data here was made by $engine, and the config says $MYSQL_ENGINE; next: write samples.mysql.engine: $engine"
    exit 1
  fi
  exec "$SERVER" --defaults-file="$CONFIG" --datadir="$DATA" --socket="$RUN/mysqld.sock" --pid-file="$RUN/mysqld.pid" \
    --port="$PORT" --server-id="$((100 + ${ME##*-}))" --report-host="${ADDRESS[$ME]}" "$@"
}

# origin: how this server begins, see common.sh
origin() {
  if [[ -s $LOAD ]]; then
    echo dump
  elif [[ -n $RESTORED ]]; then
    echo restored
  fi
}

# One statement a line, and no password on a command line. The same on all three, so that they are no transactions of any.
accounts() {
  cat <<SQL
CREATE DATABASE app;
CREATE DATABASE ha_kubernetes;
CREATE TABLE ha_kubernetes.role (id INT PRIMARY KEY CHECK (id = 1), term BIGINT NOT NULL, name VARCHAR(255) NOT NULL) ENGINE = InnoDB;
INSERT INTO ha_kubernetes.role VALUES (1, 0, '$(origin)');
DROP USER IF EXISTS root@localhost;
CREATE USER root@'%' IDENTIFIED BY '$(<"$SECRETS/root")';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
CREATE USER replication@'%' IDENTIFIED BY '$(<"$SECRETS/replication")';
GRANT REPLICATION SLAVE ON *.* TO replication@'%';
CREATE USER app@'%' IDENTIFIED BY '$(<"$SECRETS/app")';
GRANT ALL ON app.* TO app@'%';
CREATE USER probe@localhost IDENTIFIED BY '$(<"$SECRETS/probe")';
GRANT SELECT ON ha_kubernetes.* TO probe@localhost;
SQL
}

main "$@"
