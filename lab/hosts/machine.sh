#!/usr/bin/env bash
# See that the one machine can carry the hosts, and raise the limits they share.
set -euo pipefail

((EUID == 0)) || {
  printf 'lab: hosts on one machine need root\n' >&2
  exit 1
}
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

# Each is one limit for all hosts together: eleven kubelets exceed the defaults.
while read -r key least; do
  file="/proc/sys/${key//.//}"
  [[ -w $file ]] || continue
  (($(<"$file") >= least)) || echo "$least" 2>/dev/null >"$file" || printf 'lab: %s stays at %s\n' "$key" "$(<"$file")" >&2
done <<'LIMITS'
fs.inotify.max_user_instances 8192
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
net.ipv6.neigh.default.gc_thresh1 4096
LIMITS
