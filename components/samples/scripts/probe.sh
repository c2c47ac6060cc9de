#!/usr/bin/env bash
# Probes of the pod's two containers.
#   probe.sh alive   the server answers
#   probe.sh ready   it answers a query, and is in a role that serves
#   probe.sh role    role.sh has had a turn in the last minutes: filling an empty server takes one turn
set -Eeuo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

readonly AS_PROBE=("--defaults-file=$SECRETS/probe.cnf" --protocol=socket "--socket=$RUN/mysqld.sock" --connect-timeout=2)

case $1 in
alive) exec "$ADMIN" "${AS_PROBE[@]}" ping ;;
ready)
  grep -qxE 'primary|replica' "$STATE"
  "$CLIENT" "${AS_PROBE[@]}" --batch --skip-column-names <<<'SELECT term FROM ha_kubernetes.role' >/dev/null
  ;;
role) [[ $(cat "$STATE") == filling* ]] || [[ $(($(date +%s) - $(stat -c %Y "$STATE"))) -lt 180 ]] ;;
esac
