#!/usr/bin/env bash
# Dumps what the three have into the volume of this pod, before a backup copies that. Each that is in service does it: any may be lost.
set -Eeuo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

# Seconds that this server may take to receive what the others have.
readonly PATIENCE=60

main() {
  local state server
  # Also if this fails, no restore may take an earlier dump for one of this backup.
  rm -f "$DUMP"
  state=$(cat "$STATE")
  OTHERS=()
  for server in "${SERVERS[@]}"; do
    if [[ $server != "$ME" ]] && look "$server" && ((SEEN[$server.term] > 0)); then OTHERS+=("$server"); fi
  done
  if [[ $state != primary && $state != replica ]]; then
    skip "$state"
    return
  fi
  [[ ${#OTHERS[@]} -gt 0 ]] ||
    fail "only $ME answers: acknowledged commits may be on the others alone; next: bring back one of them"
  has_all || fail "$ME has not yet what ${OTHERS[*]} had; next: kubectl -n mysql logs $ME -c role"
  (umask 077 && dump "$ME" >"$DUMP.part")
  mv "$DUMP.part" "$DUMP"
  say "dumped $(stat -c %s "$DUMP") bytes"
}

fail() {
  say "failed: $*"
  exit 1
}

# skip STATE: this server is out of service; another one's dump is as good
skip() {
  local server
  for server in "${OTHERS[@]}"; do
    if serves "$server"; then
      say "nothing is dumped here ($1): $server is in service"
      return
    fi
  done
  fail "no server is in service, so nothing is dumped; next: kubectl -n mysql logs $ME -c role"
}

serves() {
  [[ ${SEEN[$1.closed]} == 0 ]] ||
    [[ ${SEEN[$1.receiving]} != No && ${SEEN[$1.applying]} != No && -z ${SEEN[$1.error]} ]]
}

# has_all: waits until this server has, and has applied, what the others had when they were looked at. Each acknowledged commit is on
# two of the three, so with one other none is missing, and no primary is needed.
has_all() {
  local server missing end=$((SECONDS + PATIENCE))
  for server in "${OTHERS[@]}"; do
    until look "$ME" && missing=$(lacks "$ME" "${SEEN[$server.has]}" "${SEEN[$ME.has]}") && [[ -z $missing ]]; do
      if ((SECONDS >= end)); then return 1; fi
      sleep 1
    done
  done
  drain
}

main "$@"
