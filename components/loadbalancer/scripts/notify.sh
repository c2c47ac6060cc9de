#!/bin/bash
# Keepalived calls it as: api-notify INSTANCE|GROUP NAME STATE PRIORITY. Logs the state and leaves it for node_exporter.
set -euo pipefail
readonly folder=${HA_KUBERNETES_TEXTFILE:-/var/lib/ha-kubernetes/textfile}

if [ "$#" -ne 4 ]; then
  logger -t api-vip -p daemon.err "called with $# arguments instead of 4: $*"
  exit 64
fi
name=$2 state=$3 priority=$4
logger -t api-vip -p daemon.notice "$name is $state now (priority $priority)" || true

# Keepalived lets nobody else read what it makes; node-exporter is somebody else.
mkdir -p "$folder"
chmod 0755 "$folder"
{
  echo '# HELP ha_kubernetes_vrrp_state 1 for the state the instance is in.'
  echo '# TYPE ha_kubernetes_vrrp_state gauge'
  for each in MASTER BACKUP FAULT STOP; do
    echo "ha_kubernetes_vrrp_state{instance_name=\"$name\",state=\"$each\"} $([ "$each" = "$state" ] && echo 1 || echo 0)"
  done
  echo '# HELP ha_kubernetes_vrrp_changed_timestamp_seconds When it came to that state.'
  echo '# TYPE ha_kubernetes_vrrp_changed_timestamp_seconds gauge'
  echo "ha_kubernetes_vrrp_changed_timestamp_seconds{instance_name=\"$name\"} $(date +%s)"
} >"$folder/.vrrp.$$"
chmod 0644 "$folder/.vrrp.$$"
mv -f "$folder/.vrrp.$$" "$folder/vrrp.prom"
