#!/usr/bin/env bash
# Makes a server the primary so that no acknowledged commit is lost; where that can't be said it refuses and changes nothing.
# It judges, begins a new term by writing the servers' records, and waits until the server has opened itself (role.sh, lead).
#   promote.sh SERVER
# Exit code 2: refused, and trying again is of no use.
set -Eeuo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

readonly NEW=$1
# Seconds that a server may stay silent, and that the new primary may take to get what the old one has.
readonly SILENCE=${MYSQL_SILENCE_SECONDS:-10} OPENING=${MYSQL_OPENING_SECONDS:-120}

main() {
  local was_open=0 end=$((SECONDS + SILENCE))
  look_around
  # At the first start of all, and after a host's death, some answer late.
  until ((NEWEST > 0 && ${#REACHED[@]} == ${#SERVERS[@]})) || ((SECONDS >= end)); do
    sleep 1
    look_around
  done
  if [[ $OLD == "$NEW" ]]; then
    say "$NEW is the primary already"
    opened || fail "it does not open for writes; next: kubectl -n mysql logs $NEW -c role"
    return
  fi
  judge
  if open_now "$OLD"; then was_open=1; fi
  say "term $((NEWEST + 1)): $NEW instead of $OLD"
  tell "$NEW"
  if opened; then
    say "$NEW takes writes"
    return
  fi
  look_around
  if ((was_open)); then
    tell "$OLD"
    say "given back to $OLD"
  fi
  fail "$NEW did not open for writes; next: kubectl -n mysql logs $NEW -c role"
}

refuse() {
  say "refused: $*"
  exit 2
}

fail() {
  say "failed: $*"
  exit 1
}

# look_around: REACHED are the servers that answer and have data; NEWEST is the last term, OLD its primary
look_around() {
  local server
  REACHED=() NEWEST=0 OLD=
  for server in "${SERVERS[@]}"; do
    if ! look "$server" || ((SEEN[$server.term] <= 0)); then continue; fi
    REACHED+=("$server")
    if ((SEEN[$server.term] > NEWEST)); then NEWEST=${SEEN[$server.term]} OLD=${SEEN[$server.primary]}; fi
  done
}

reached() { [[ " ${REACHED[*]} " == *" $1 "* ]]; }

open_now() { reached "$1" && [[ ${SEEN[$1.closed]} == 0 ]]; }

# judge: refuses what can't go well
judge() {
  local best=$NEW server
  ((NEWEST > 0)) || fail "no server answers that has data; next: kubectl -n mysql get pods"
  reached "$NEW" || fail "$NEW does not answer, or has no data yet; next: kubectl -n mysql logs $NEW -c role, or promote another"
  [[ ${#REACHED[@]} -gt 1 ]] ||
    fail "only $NEW answers: acknowledged commits may be on the others alone; next: bring back one of them"
  if open_now "$OLD"; then
    # What it lacks it will get, if it follows.
    [[ ${SEEN[$NEW.receiving]} == Yes && ${SEEN[$NEW.applying]} == Yes && ${SEEN[$NEW.source]} == "${ADDRESS[$OLD]}" ]] ||
      refuse "$NEW does not follow the primary $OLD; next: write samples.mysql.primary: $(other), or see kubectl -n mysql logs $NEW -c role"
    return
  fi
  for server in "${REACHED[@]}"; do
    if [[ -n $(lacks "$NEW" "${SEEN[$server.has]}" "${SEEN[$best.has]}") ]]; then best=$server; fi
  done
  [[ $best == "$NEW" ]] || refuse "$best has transactions that $NEW lacks; next: write samples.mysql.primary: $best"
}

# other: who is neither the chosen one nor the primary until now
other() {
  local server
  for server in "${SERVERS[@]}"; do
    [[ $server == "$NEW" || $server == "$OLD" ]] || echo "$server"
  done
}

# tell PRIMARY: begins a new term. The primary until now hears it first, as it is to take no more; the new one last, when nobody
# acknowledges commits of the old one any more.
tell() {
  local server
  for server in "$OLD" "$(other)" "$NEW"; do
    if reached "$server"; then record "$server" $((NEWEST + 1)) "$1"; fi
  done
}

# opened: waits until the chosen one takes writes
opened() {
  local end=$((SECONDS + OPENING))
  until look "$NEW" && [[ ${SEEN[$NEW.primary]} == "$NEW" && ${SEEN[$NEW.closed]} == 0 ]]; do
    if ((SECONDS >= end)); then return 1; fi
    sleep 1
  done
}

main
