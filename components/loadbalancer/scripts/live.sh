#!/bin/sh
# Succeeds while HAProxy answers and holds at least one API server for alive: Keepalived's reason to keep the VIP.
# A server that was never checked (INI) counts for dead, although a fresh HAProxy calls it UP.
set -eu
socket=${1:-/run/ha-kubernetes/haproxy.sock}

servers() {
  echo 'show stat apiservers 4 -1' | timeout 0.7 socat -t 0.7 - "UNIX-CONNECT:$socket" | grep .
}

# One silence is no fault: a reload, or a busy host.
answer=$(servers) || { sleep 0.3 && answer=$(servers); }
echo "$answer" | awk -F, '
  NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
  NR > 1 && $column["status"] ~ /^UP/ && $column["check_status"] !~ /INI/ { live = 1 }
  END { exit !live }'
