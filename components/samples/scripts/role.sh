#!/usr/bin/env bash
# Keeps the server beside it in its role, turn by turn: primary, replica, or out of service with the reason in its log.
# Every turn looks first, so that any order of starts, and any step that was broken off, ends in the same.
#   role.sh [turn]
set -Eeuo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

# Seconds that a new primary waits for those of the others that answer, but do not follow it yet.
readonly PATIENCE=30

main() {
  if [[ ${1:-} == turn ]]; then
    turn
    return
  fi
  while true; do
    # A process of its own: bash would not stop at an error inside of a condition. The server may be on its way up or down.
    bash "${BASH_SOURCE[0]}" turn || state "waiting: a step failed and is tried again"
    sleep "${MYSQL_TURN_SECONDS:-2}"
  done
}

# state TEXT: what probe.sh reads; "primary" and "replica" are served. Each change is said once.
state() {
  local was
  was=$(cat "$STATE" 2>/dev/null) || true
  printf '%s\n' "$1" >"$STATE.new"
  mv "$STATE.new" "$STATE"
  [[ $was == "$1" ]] || say "state: $1"
}

turn() {
  local term primary server
  # This server first: what it has by now, its source had before.
  if ! look "$ME"; then
    state "waiting: the server does not answer"
    # Nothing else starts one anew that lives and has lost its tables to a clone.
    [[ $(cat "$CLONE" 2>/dev/null) != begun ]] || ask "$ME" <<<'SHUTDOWN;'
    return
  fi
  term=${SEEN[$ME.term]} primary=${SEEN[$ME.primary]}
  PEERS=()
  for server in "${SERVERS[@]}"; do
    if [[ $server == "$ME" ]] || ! look "$server"; then continue; fi
    PEERS+=("$server")
    if ((SEEN[$server.term] > term && SEEN[$ME.term] >= 0)); then
      term=${SEEN[$server.term]} primary=${SEEN[$server.primary]}
    fi
  done
  if ((term < 0)); then
    state "$primary"
  elif ((term == 0)); then
    first
  elif ((SEEN[$ME.term] == 0)); then
    fill "$term" "$primary"
  else
    if [[ -e $LOAD || -e $CLONE ]]; then
      rm -f "$LOAD" "$CLONE"
      # Back after a loss of power, it would cost what this server acknowledges from now on.
      sync
    fi
    if ((term > SEEN[$ME.term])); then
      say "term $term: the primary is $primary"
      record "$ME" "$term" "$primary"
      touch "$RUN/term"
    fi
    if [[ $primary == "$ME" ]]; then lead "$term"; else obey "$term" "$primary"; fi
  fi
}

# first: nobody who answers has data. Only where all say so the first with a dump begins, or the first of all if nobody was restored:
# one that is silent may have data.
first() {
  local server begins="" restored=0
  for server in "${SERVERS[@]}"; do
    if [[ ${SEEN[$server.term]:-} != 0 ]]; then
      state "waiting: no data here, and not everybody answers to say the same"
      return
    fi
    [[ ${SEEN[$server.primary]} != dump ]] || begins=${begins:-$server}
    [[ -z ${SEEN[$server.primary]} ]] || restored=1
  done
  if ((restored)) && [[ -z $begins ]]; then
    state "waiting: restored without a dump; next: restore another backup"
  elif [[ $ME == "${begins:-${SERVERS[0]}}" ]]; then
    if [[ -n $begins ]]; then
      state "filling from the dump of a backup"
      load "$LOAD"
      say "has all that the dump has"
    fi
    record "$ME" 1 "$ME"
  else
    state "waiting: for the first primary"
  fi
}

# fill TERM PRIMARY: this server is empty, others have data
fill() {
  if [[ $2 == "$ME" ]]; then
    state "waiting: this server is to be the primary and has no data; next: promote another"
    return
  fi
  state "filling from $2"
  seed "$2"
  # Only now there is something here, all of it.
  record "$ME" "$1" "$2"
  say "has all that $2 had"
}

# lead TERM: opens this server if that can lose no commit which was acknowledged.
# Each of them is on two of the three. So if one other server can acknowledge nothing to an earlier primary any more, and has nothing
# that is not here, then nothing is missing here.
lead() {
  local server frozen=0 moving=0 ahead=
  if [[ ${SEEN[$ME.closed]} == 0 ]]; then
    state primary
    return
  fi
  for server in "${PEERS[@]}"; do
    if frozen "$server" "$1"; then
      frozen=$((frozen + 1))
      [[ -z $(lacks "$ME" "${SEEN[$server.has]}" "${SEEN[$ME.has]}") ]] || ahead=$server
    elif ((SEEN[$server.term] > 0)); then
      moving=1
    fi
  done
  if [[ -n $ahead && ${SEEN[$ME.receiving]} == Yes ]]; then
    state "waiting: for what $ahead has"
  elif [[ -n $ahead ]]; then
    state "waiting: $ahead has transactions that are not here; next: promote $ahead"
  elif ((frozen == 0)); then
    state "waiting: no other server answers and follows, so a commit may be missing here"
  elif ((moving)) && [[ -e $RUN/term && $(($(date +%s) - $(stat -c %Y "$RUN/term"))) -lt $PATIENCE ]]; then
    state "waiting: for the other servers to follow"
  elif [[ ${SEEN[$ME.receiving]} != No ]]; then
    # What comes until then is judged in the next turn.
    stop_receiving
  else
    drain
    open_for_writes
    state primary
    say "term $1: open for writes"
  fi
}

# frozen SERVER TERM: whether it is in this term, takes no writes, and acknowledges them to nobody but this server
frozen() {
  ((SEEN[$1.term] == $2)) && [[ ${SEEN[$1.closed]} == 1 ]] &&
    [[ ${SEEN[$1.receiving]} == No || ${SEEN[$1.source]} == "${ADDRESS[$ME]}" ]]
}

# obey TERM PRIMARY: receives from the primary, and serves what it has for reading, also while there is no primary
obey() {
  if [[ ${SEEN[$ME.closed]} != 1 ]]; then
    close_for_writes
    say "term $1: closed for writes, the primary is $2"
  elif strays "$2"; then
    return
  elif [[ ${SEEN[$ME.source]} != "${ADDRESS[$2]}" ]]; then
    if [[ -n ${SEEN[$ME.source]} ]]; then
      [[ ${SEEN[$ME.receiving]} == No ]] || stop_receiving
      drain
    fi
    follow "$2"
    say "term $1: follows $2"
  elif [[ -n ${SEEN[$ME.error]} ]]; then
    state "out of service: ${SEEN[$ME.error]}; next: see the server's log, or rebuild this server"
  elif [[ ${SEEN[$ME.receiving]} == No || ${SEEN[$ME.applying]} == No ]]; then
    # A promotion may just have told this server to receive no more from that one.
    [[ $(ask "$ME" <<<'SELECT term FROM ha_kubernetes.role') != "$1" ]] || start_replication
  else
    state replica
  fi
}

# strays PRIMARY: whether this server has transactions that the open primary lacks. Then it is put out of service, for good: its
# answers would be wrong, and its word in a later promotion too.
strays() {
  local extra reason
  # One that is not open yet may still get what it lacks.
  [[ " ${PEERS[*]} " == *" $1 "* && ${SEEN[$1.closed]} == 0 ]] || return 1
  extra=$(lacks "$ME" "${SEEN[$ME.has]}" "${SEEN[$1.has]}")
  if [[ -z $extra ]]; then
    rm -f "$RUN/extra"
    return 1
  fi
  # Twice the same: what is acknowledged here may be a moment from being done there.
  if [[ $(cat "$RUN/extra" 2>/dev/null) == "$extra" ]]; then
    [[ ${SEEN[$ME.receiving]} == No ]] || stop_receiving
    reason="out of service: has transactions that $1 lacks; next: rebuild this server"
    say "${extra//$'\n'/, } are here and not on $1; nobody was told that they are kept"
    unlogged "$ME" <<<"UPDATE ha_kubernetes.role SET term = -1, name = '$reason';"
    state "$reason"
  fi
  printf '%s\n' "$extra" >"$RUN/extra"
}

main "$@"
