#!/usr/bin/env bash
# Dumps what the primary has into the volume of this pod, before a backup copies that. One of the three does it for all.
set -Eeuo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

main() {
  local server
  # The one that begins when all are empty, as after a restore.
  [[ $ME == "${SERVERS[0]}" ]] || return 0
  for server in "${SERVERS[@]}"; do
    if look "$server" && [[ ${SEEN[$server.closed]} == 0 ]]; then
      (umask 077 && dump "$server" >"$DUMP.part")
      mv "$DUMP.part" "$DUMP"
      say "dumped $(stat -c %s "$DUMP") bytes of $server"
      return
    fi
  done
  say "no server takes writes, so none is known to have everything; next: kubectl -n mysql get pods; promote one"
  return 1
}

main "$@"
