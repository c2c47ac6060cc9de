#!/usr/bin/env bash
# shellcheck disable=SC2154
# The cluster of the lab as a very good operator would build it once, by one parallel script over ssh.
#   by-hand.sh FOLDER BUNDLE_URL
# FOLDER is what render.ts wrote: the hosts' config files, without a key, and who the hosts are.
# Prints a line per step: name, begin and end in milliseconds. What is left out on purpose: README.md.
set -euo pipefail

readonly folder=$1 base=$2 began=${EPOCHREALTIME/./}
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
readonly here pki=$folder/pki hosts=$folder/hosts
# shellcheck source=/dev/null
. "$folder/inventory"
# shellcheck source=bench/by-hand/pki.sh
. "$here/pki.sh"
# A socket's path must be short.
state=$(mktemp -d)
readonly state

# step NAME COMMAND...: notes its time; those who `await` it go on after it, and all end if it fails.
step() {
  local from=${EPOCHREALTIME/./}
  # In the background, because within a condition the shell would go on after a failure.
  "${@:2}" &
  wait "$!" || {
    : >"$state/failed"
    echo "by-hand: $1 failed" >&2
    exit 1
  }
  printf '%s\t%d\t%d\n' "$1" $(((from - began) / 1000)) $(((${EPOCHREALTIME/./} - began) / 1000))
  : >"$state/done-$1"
}

await() {
  local name
  for name in "$@"; do
    until [ -e "$state/done-$name" ]; do
      [ ! -e "$state/failed" ] || exit 1
      sleep 0.05
    done
  done
}

on() {
  ssh -F "$folder/ssh_config" -o ControlPath="$state/%n" "$@"
}

# deliver HOST COMMAND...: the host's files, and the command there, in one go.
deliver() {
  (cd "$hosts/$1" && find . -type f -printf '%P\n' | tar -c --owner=0 --group=0 --numeric-owner -T -) |
    on "$1" "tar -x --no-overwrite-dir -C / && ${*:2}"
}

etcd_health() {
  local host
  for host in "${etcds[@]}"; do
    until curl -fsS --max-time 2 --cacert "$pki/etcd-ca.crt" --cert "$pki/admin.crt" --key "$pki/admin.key" \
      "https://${address[$host]}:2379/health" 2>/dev/null | grep -q '"health":"true"'; do sleep 0.1; done
  done
}

first_master() {
  step "$1-prepare" deliver "$1" bash /root/by-hand/node.sh "$base" prepare
  await etcd-health "${loadbalancers[@]/%/-install}"
  step "$1-init" on "$1" bash /root/by-hand/node.sh "$base" init
}

node() {
  step "$1-prepare" deliver "$1" bash /root/by-hand/node.sh "$base" prepare "${2:-}"
  await "${masters[0]}-init"
  step "$1-join" on "$1" bash /root/by-hand/node.sh "$base" join
}

etcd_cluster() {
  await "${etcds[@]/%/-install}"
  step etcd-health etcd_health
}

finish() {
  local host
  # shellcheck disable=SC2046
  kill $(jobs -p) 2>/dev/null || true
  for host in "${!address[@]}"; do
    on -O exit "$host" 2>/dev/null || true
  done
  rm -rf "$state"
}

main() {
  local host job
  trap finish EXIT
  trap 'exit 130' INT TERM
  step pki make_pki
  for host in "${etcds[@]}"; do step "$host-install" deliver "$host" bash /root/by-hand/etcd.sh "$base" & done
  for host in "${loadbalancers[@]}"; do step "$host-install" deliver "$host" bash /root/by-hand/loadbalancer.sh & done
  etcd_cluster &
  first_master "${masters[0]}" &
  for host in "${masters[@]:1}"; do node "$host" admin & done
  for host in "${workers[@]}"; do node "$host" & done
  for job in $(jobs -p); do wait "$job"; done
  step check on "${masters[0]}" bash /root/by-hand/node.sh "$base" check "${checks[@]}"
}

main
