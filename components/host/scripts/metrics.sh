#!/usr/bin/env bash
set -euo pipefail

readonly METRICS_UNITS=/etc/systemd/system
readonly METRICS_DROP_IN=$METRICS_UNITS/prometheus-node-exporter.service.d/ha-kubernetes.conf
readonly METRICS_CERTIFICATES=/usr/local/sbin/ha-kubernetes-certificates

# host_metrics: what Prometheus may ask of this host; with monitoring off it is taken away again.
host_metrics() {
  if ! embedded certificates.sh >/dev/null; then
    host_metrics_off
    return
  fi
  embedded certificates.sh | put_file "$METRICS_CERTIFICATES" 0755
  embedded certificates.service | put_file "$METRICS_UNITS/ha-kubernetes-certificates.service" 0644
  embedded certificates.timer | put_file "$METRICS_UNITS/ha-kubernetes-certificates.timer" 0644
  start_unit ha-kubernetes-certificates.timer "$METRICS_UNITS"/ha-kubernetes-certificates.{service,timer}
  systemctl start ha-kubernetes-certificates.service
  embedded exporter.conf >/dev/null || return 0
  filled exporter.conf | put_file "$METRICS_DROP_IN" 0644
  start_unit prometheus-node-exporter.service "$METRICS_DROP_IN"
}

# host_metrics_packages: what host_metrics runs, from the distribution.
host_metrics_packages() {
  ! embedded exporter.conf >/dev/null || ensure_packages prometheus-node-exporter=prometheus-node-exporter
}

host_metrics_off() {
  systemctl disable --quiet --now ha-kubernetes-certificates.timer 2>/dev/null || true
  [ ! -e "$METRICS_DROP_IN" ] || systemctl disable --quiet --now prometheus-node-exporter.service 2>/dev/null || true
  rm -f "$METRICS_UNITS"/ha-kubernetes-certificates.{service,timer} "$METRICS_CERTIFICATES" "$METRICS_DROP_IN"
  rmdir "${METRICS_DROP_IN%/*}" 2>/dev/null || true
}
