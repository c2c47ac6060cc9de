#!/usr/bin/env bash
set -euo pipefail

# node_system: kernel modules, sysctls, no swap, time; what Kubernetes expects of every node.
# https://kubernetes.io/docs/setup/production-environment/container-runtimes/
node_system() {
  printf 'overlay\nbr_netfilter\n' | put_file /etc/modules-load.d/ha-kubernetes.conf 0644
  embedded sysctl.conf | put_file /etc/sysctl.d/90-ha-kubernetes.conf 0644
  local module key
  for module in overlay br_netfilter; do
    modprobe "$module" 2>/dev/null || true
  done
  # Limits of the whole machine can't be set from within a container; what Kubernetes can't do without is looked at.
  sysctl -q -e -p /etc/sysctl.d/90-ha-kubernetes.conf || true
  for key in net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables; do
    [ "$(sysctl -n "$key" 2>/dev/null)" = 1 ] || die "$key is not 1" \
      "the kernel has no br_netfilter, or the host may not set it" "modprobe br_netfilter; sysctl -w $key=1"
  done
  node_no_swap
  node_time
}

# Swap must not come back with the next boot: not from fstab, and not from the partitions systemd finds by itself.
node_no_swap() {
  if grep -qE '^[^#].*\sswap\s' /etc/fstab; then
    sed -E 's/^([^#].*\sswap\s.*)$/#\1 # off for Kubernetes/' /etc/fstab | put_file /etc/fstab 0644
  fi
  systemctl mask --quiet swap.target
}

# One time service is enough; the distribution's, or one the operator chose.
node_time() {
  local unit
  for unit in chrony ntpsec ntp openntpd systemd-timesyncd; do
    systemctl is-active --quiet "$unit" && return
  done
  # Masked means that somebody decided otherwise.
  if [ "$(systemctl is-enabled systemd-timesyncd 2>/dev/null)" = disabled ]; then
    systemctl enable --quiet --now systemd-timesyncd
  fi
}
