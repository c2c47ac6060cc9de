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
  step "firewall packages" host_firewall_packages
  step "firewall" host_firewall
  step "start" etcd_start
  step "metrics packages" host_metrics_packages
  step "metrics" host_metrics
}

# A step of its own, after all members are started: one that waited for its peers could keep them from starting.
# And one member after the other: with a new config or version a member restarts here, while its peers hold the quorum.
phase_health() {
  step "restart" etcd_restart
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
  preflight_fsync "$ETCD_DATA" "$ETCD_FSYNC_P99_MS"
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

# The start is not waited for: it ends when half the members run. One that runs stays as it is.
etcd_start() {
  systemctl enable --quiet --no-reload etcd.service
  systemctl daemon-reload
  if ! systemctl is-active --quiet etcd.service; then
    systemctl restart --no-block etcd.service
    etcd_note
  fi
  retry 10 0.1 test -d "$ETCD_DATA/member" || die "etcd does not start: $(why_not etcd)" \
    "see its own words before" "on the host: journalctl -u etcd -n 50"
}

etcd_restart() {
  [ "$(etcd_files)" = "$(cat "$STATE_DIR/applied/etcd.service" 2>/dev/null)" ] && return
  # The peers first: a restart must not be what takes the quorum.
  retry 45 0.3 etcd_cluster_healthy || die "etcd has a new config, but not all of its members are healthy" \
    "another member is down, and this one's restart would cost the quorum" \
    "repair that member; on any etcd host: set -a; . /etc/etcd/etcdctl.env; etcdctl endpoint health --cluster"
  systemctl restart etcd.service || die "etcd does not start with its new config: $(why_not etcd)" \
    "see its own words before" "on the host: journalctl -u etcd -n 50"
  etcd_note
}

# etcd_files: what the running member was started with, as one sum.
etcd_files() {
  sha256sum "$ETCD_CONFIG" /etc/systemd/system/etcd.service "$STATE_DIR/installed/etcd" | sha256sum
}

etcd_note() {
  etcd_files | put_file "$STATE_DIR/applied/etcd.service" 0644
}

etcd_healthy() {
  etcd_ctl endpoint health
}

etcd_cluster_healthy() {
  etcd_ctl endpoint health --cluster
}

etcd_ctl() {
  # shellcheck disable=SC1091
  (set -a && . /etc/etcd/etcdctl.env && etcdctl "$@" >/dev/null 2>&1)
}
