#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

readonly ETCD_DATA=/var/lib/etcd
readonly ETCD_CONFIG=/etc/etcd/etcd.yaml
readonly ETCD_PKI=/etc/etcd/pki

phase_install() {
  if first_time; then
    step "preflight" etcd_preflight
    claim
  fi
  getent passwd etcd >/dev/null || useradd --system --home-dir "$ETCD_DATA" --shell /usr/sbin/nologin etcd
  receive_secrets
  # At once: a running member reads its keys with every new connection. The administrator's client key stays root's.
  chown etcd:etcd "$ETCD_PKI" "$ETCD_PKI"/{ca.crt,server.crt,server.key,peer.crt,peer.key}
  step "artifacts" etcd_artifacts
  step "configure" etcd_configure
  step "start" etcd_start
}

# A step of its own, after all members are started: one that waited for its peers could keep them from starting.
phase_health() {
  step "health" retry 45 0.3 etcd_healthy || die "the etcd member does not become healthy: $(why_not etcd)" \
    "its peers can't be reached on 2380, or fewer than half of them run" "on the host: journalctl -u etcd -n 50"
}

phase_wipe() {
  systemctl disable --quiet --now etcd.service 2>/dev/null || true
  # The folder itself may be a mount of its own.
  [ ! -d "$ETCD_DATA" ] || find "$ETCD_DATA" -mindepth 1 -delete
  rm -rf /etc/etcd /etc/systemd/system/etcd.service /usr/local/bin/etcd /usr/local/bin/etcdctl /usr/local/bin/etcdutl
  wipe_common
}

etcd_preflight() {
  preflight_system
  preflight_clock "$(first_artifact_url)"
  preflight_ports 2379 2380 2381
  preflight_disk "$ETCD_DATA" 1024
  [ ! -d "$ETCD_DATA/member" ] || die "$ETCD_DATA/member exists already" \
    "the host was an etcd member in an earlier life" "if that data may go: rm -rf $ETCD_DATA/member, then pulumi up again"
  etcd_disk_latency
}

# p99 of 100 small fsynced writes, as etcd's write-ahead log does them.
# https://etcd.io/docs/v3.6/op-guide/hardware/#disks
etcd_disk_latency() {
  local i from file="$ETCD_DATA/.latency" p99
  p99=$(for ((i = 0; i < 100; i++)); do
    from=${EPOCHREALTIME/./}
    head -c 2300 /dev/zero >>"$file"
    sync --data "$file"
    echo $((${EPOCHREALTIME/./} - from))
  done | sort -n | tail -n 2 | head -n 1)
  rm -f "$file"
  echo "fsync p99: $p99 us"
  [ "$p99" -le $((ETCD_FSYNC_P99_MS * 1000)) ] || die "an fsync on $ETCD_DATA takes $((p99 / 1000)) ms (p99)" \
    "a slow or shared disk" "put $ETCD_DATA on a local SSD; accepted are $ETCD_FSYNC_P99_MS ms"
}

etcd_artifacts() {
  fetch_manifest
  install_tar etcd /usr/local/bin
}

etcd_configure() {
  install -d -o etcd -g etcd -m 0700 "$ETCD_DATA" "$ETCD_PKI"
  filled etcd.yaml | put_file "$ETCD_CONFIG" 0644
  embedded etcd.service | put_file /etc/systemd/system/etcd.service 0644
  embedded etcdctl.env | put_file /etc/etcd/etcdctl.env 0644
}

# The first start is not waited for: it ends when half the members run.
etcd_start() {
  if [ ! -d "$ETCD_DATA/member" ]; then
    systemctl daemon-reload
    systemctl start --no-block etcd.service
    systemctl enable --quiet etcd.service
    retry 10 0.1 test -d "$ETCD_DATA/member" || die "etcd does not start: $(why_not etcd)" \
      "see its own words before" "on the host: journalctl -u etcd -n 50"
  elif [ "$(systemctl is-active etcd.service)" != activating ]; then
    start_unit etcd.service "$ETCD_CONFIG" /etc/systemd/system/etcd.service "$STATE_DIR/installed/etcd"
  fi
}

etcd_healthy() {
  # shellcheck disable=SC1091
  (set -a && . /etc/etcd/etcdctl.env && etcdctl endpoint health >/dev/null 2>&1)
}
