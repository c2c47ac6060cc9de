# shellcheck shell=bash
# shellcheck disable=SC2034
# What the scripts of the sample "mysql" share. MYSQL_ENGINE names the file of the dialect, MYSQL_SERVERS says "NAME=ADDRESS ..." of all three.
#
# Each server keeps a record in ha_kubernetes.role, out of the binary log: the number of the term and who is the primary in it.
# A promotion is a higher term; whoever sees one takes it over. Term 0 is a server without data, -1 one that is out of service.
# In term 0 the name says how the server began: "dump" with one to load, "restored" without, or nothing.
set -Eeuo pipefail

# The first process of a container ends at it only if it says so.
trap 'exit 143' TERM

readonly PORT=${MYSQL_PORT:-3306}
readonly RUN=${MYSQL_RUN:-/run/mysqld}
readonly SECRETS=${MYSQL_SECRETS:-/etc/mysql-secrets}
# The server beside the script, or none in the Job.
readonly ME=${MYSQL_NAME:-}
readonly DATA=${MYSQL_DATA:-/var/lib/mysql/data}
# What a backup takes along, and what a restore brought, until this server has data. No backup removes the second.
readonly DUMP=${DATA%/*}/dump.sql LOAD=${DATA%/*}/load.sql
# Of a clone until the server has started with it: "begun", "made", or "started" once it has tried.
readonly CLONE=${DATA%/*}/clone
readonly STATE=$RUN/state

declare -A ADDRESS=()
SERVERS=()
for pair in $MYSQL_SERVERS; do
  SERVERS+=("${pair%%=*}")
  ADDRESS[${pair%%=*}]=${pair#*=}
done
unset pair

# shellcheck source-path=SCRIPTDIR source=mariadb.sh
. "${BASH_SOURCE[0]%/*}/$MYSQL_ENGINE.sh"

say() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*" >&2; }

# connection SERVER: sets CONNECT, the arguments with which a client reaches a server as root
connection() {
  CONNECT=("--defaults-file=$SECRETS/root.cnf")
  if [[ $1 == "$ME" ]]; then
    CONNECT+=(--protocol=socket "--socket=$RUN/mysqld.sock")
  else
    CONNECT+=(--protocol=tcp "--host=${ADDRESS[$1]}" "--port=$PORT")
  fi
}

# ask SERVER [OPTION...]: runs what comes by standard input; bounded, so that a server that hangs holds nobody up
ask() {
  local CONNECT
  connection "$1"
  timeout "${ASK_SECONDS:-10}" "$CLIENT" "${CONNECT[@]}" --connect-timeout=2 --batch --skip-column-names "${@:2}"
}

# What servers said of themselves when they were looked at last, by SERVER.FIELD:
#   term, primary  its record
#   closed         1 if it takes no writes
#   has            every transaction that it received
#   source         address of the server that it receives from
#   receiving, applying  Yes, No or Connecting
#   error          why it stopped, or nothing
declare -A SEEN=()

# look SERVER: fails if it says nothing
look() {
  local text key value CONNECT
  local -A said=()
  connection "$1"
  text=$(status_sql | timeout 10 "$CLIENT" "${CONNECT[@]}" --connect-timeout=2 --batch --vertical 2>/dev/null) || return 1
  while IFS=: read -r key value; do
    key=${key//[[:space:]]/}
    [[ -z $key || $key == \** ]] || said[$key]=${value# }
  done <<<"$text"
  [[ -n ${said[term]:-} ]] || return 1
  translate "$1"
}

# record SERVER TERM PRIMARY: writes a server's record; one of a later term stays
record() { unlogged "$1" <<<"UPDATE ha_kubernetes.role SET term = $2, name = '$3' WHERE term BETWEEN 0 AND $2;"; }

# What a server has before a client makes something, as a list in SQL.
readonly OWN_SCHEMAS="'mysql', 'sys', 'performance_schema', 'information_schema', 'ha_kubernetes'"

# dump SERVER: prints all that it has at one moment but its accounts, without holding anybody up
dump() {
  local CONNECT names
  names=$(ask "$1" <<<"SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN ($OWN_SCHEMAS)")
  connection "$1"
  # shellcheck disable=SC2086
  "$DUMPER" "${CONNECT[@]}" "${DUMP_OPTIONS[@]}" --single-transaction --routines --events --databases $names
}
