#!/usr/bin/env bash
# See that the one machine can carry the hosts, and raise the limits they share; put back what the labs changed.
# Usage: machine.sh up|down
set -euo pipefail

# What the kernel's settings were before the first lab on this machine.
readonly BEFORE=/run/ha-kubernetes-lab.sysctl
# Each is one limit for all hosts together: eleven kubelets exceed the defaults.
readonly LIMITS='fs.inotify.max_user_instances 8192
fs.inotify.max_user_watches 524288
fs.aio-max-nr 1048576
kernel.keys.maxkeys 20000
kernel.keys.maxbytes 400000
kernel.pid_max 131072
vm.max_map_count 262144
net.netfilter.nf_conntrack_max 262144
net.ipv4.neigh.default.gc_thresh3 16384
net.ipv4.neigh.default.gc_thresh2 8192
net.ipv4.neigh.default.gc_thresh1 4096
net.ipv6.neigh.default.gc_thresh3 16384
net.ipv6.neigh.default.gc_thresh2 8192
net.ipv6.neigh.default.gc_thresh1 4096'
# The kubelet sets these itself (KubeletConfiguration, protectKernelDefaults), and a host has no kernel of its own.
readonly KUBELET_SETS='vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes'

((EUID == 0)) || {
  printf 'lab: hosts on one machine need root\n' >&2
  exit 1
}

exec 9>/run/lock/ha-kubernetes-lab.sysctl
flock 9
if [[ ${1:-} == down ]]; then
  # The kubelets of another lab would set them again, and it needs the limits.
  if [[ -e $BEFORE ]] && ! compgen -G '/run/netns/hk-*' >/dev/null; then
    sysctl -qe -p "$BEFORE"
    rm "$BEFORE"
  fi
  exit
fi

# shellcheck source=lab/hosts/cgroup.sh
. "$(dirname "${BASH_SOURCE[0]}")/cgroup.sh"
reasons="$(unfit)"
[[ -z $reasons ]] || {
  printf 'lab: %s\n' "$reasons" >&2
  exit 1
}

# load MODULE KEY: the one that brings a sysctl. The kernel loads others when a host asks for what they do;
# hosts have no modules of their own.
load() {
  [[ ! -e /proc/sys/${2//.//} ]] || return 1
  modprobe "$1" || {
    printf 'lab: the kernel has no %s\n' "$1" >&2
    exit 1
  }
}

load nf_conntrack net.netfilter.nf_conntrack_max || true
# The machine's own bridges go on as they did.
if load br_netfilter net.bridge.bridge-nf-call-iptables; then
  sysctl -qw net.bridge.bridge-nf-call-{ip,ip6,arp}tables=0
fi

[[ -e $BEFORE ]] || {
  # shellcheck disable=SC2046,SC2086 # words
  sysctl -e $KUBELET_SETS $(cut -d' ' -f1 <<<"$LIMITS") >"$BEFORE.new"
  mv "$BEFORE.new" "$BEFORE"
}
while read -r key least; do
  file="/proc/sys/${key//.//}"
  [[ -w $file ]] || continue
  (($(<"$file") >= least)) || echo "$least" 2>/dev/null >"$file" || printf 'lab: %s stays at %s\n' "$key" "$(<"$file")" >&2
done <<<"$LIMITS"
