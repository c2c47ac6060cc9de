#!/usr/bin/env bash
# See that the one machine can carry the hosts, and raise the limits they share.
set -euo pipefail

((EUID == 0)) || {
  printf 'lab: hosts on one machine need root\n' >&2
  exit 1
}
[[ -d /sys/fs/cgroup/pids && -d /sys/fs/cgroup/memory && -d /sys/fs/cgroup/cpuset ]] || {
  printf 'lab: found no cgroup v1 hierarchies at /sys/fs/cgroup; the lab was only ever run on those\n' >&2
  exit 1
}

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
