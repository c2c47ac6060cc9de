#!/usr/bin/env bash
set -euo pipefail

readonly FIREWALL_RULES=/etc/ha-kubernetes/firewall.nft
readonly FIREWALL_UNIT=/etc/systemd/system/ha-kubernetes-firewall.service

# host_firewall: who may read this host's metrics, and what its role adds; nothing where the role has none.
host_firewall() {
  embedded firewall.nft >/dev/null || return 0
  filled firewall.nft | checked_file "$FIREWALL_RULES" 0600 nft -c -f
  embedded firewall.service | put_file "$FIREWALL_UNIT" 0644
  start_unit ha-kubernetes-firewall.service "$FIREWALL_UNIT" "$FIREWALL_RULES"
}

host_firewall_packages() {
  ! embedded firewall.nft >/dev/null || ensure_packages nft=nftables
}

host_firewall_off() {
  systemctl disable --quiet --now ha-kubernetes-firewall.service 2>/dev/null || true
  nft delete table inet ha_kubernetes 2>/dev/null || true
  rm -f "$FIREWALL_UNIT"
  rm -rf "${FIREWALL_RULES%/*}"
}
