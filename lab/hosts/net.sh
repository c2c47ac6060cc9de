#!/usr/bin/env bash
# The lab's network: a namespace with one bridge and no way out.
# Usage: LAB_DIR=… LAB_ID=… net.sh up|down
set -euo pipefail
# shellcheck source=lab/hosts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

up() {
  in_net true 2>/dev/null || {
    # The name of one that was never finished.
    rm -f "/run/netns/$netns"
    ip netns add "$netns"
  }
  in_net ip link set lo up
  in_net ip link show "$bridge" >/dev/null 2>&1 || in_net ip link add "$bridge" type bridge mcast_snooping 0
  # Else the bridge takes a host's address, and changes it when that host dies.
  in_net ip link set "$bridge" address 02:00:00:00:00:01
  in_net ip address replace "$gateway" dev "$bridge"
  in_net ip link set "$bridge" up
  # A host that boots is found 0.1 s after it is there, not 1 s.
  in_net sysctl -qw "net.ipv4.neigh.$bridge.retrans_time_ms=100"
  # A host that tries to get out hears so at once, instead of waiting for a timeout.
  in_net ip route replace unreachable default
  in_net sysctl -qw net.ipv4.ip_forward=1 net.ipv4.icmp_ratelimit=0 net.bridge.bridge-nf-call-iptables=0
  # sshd sends small packets one by one: without this each login waits 40 ms for our delayed answer.
  local route
  route="$(in_net ip route show dev "$bridge" proto kernel)"
  # A bridge without a host yet is said to be down, which is no word of the command.
  route="${route%% quickack*}"
  route="${route%% linkdown*}"
  # shellcheck disable=SC2086 # words of a command
  in_net ip route change $route dev "$bridge" proto kernel quickack 1
}

# Everything in the namespace is the lab's, except who called us.
inside() {
  local pid id family=" " self=$BASHPID
  while ((self > 1)); do
    family+="$self "
    self="$(awk '/^PPid:/ { print $2 }' "/proc/$self/status")"
  done
  id="$(stat -Lc %i "/run/netns/$netns")"
  for pid in /proc/[0-9]*; do
    [[ $(stat -Lc %i "$pid/ns/net" 2>/dev/null) == "$id" ]] || continue
    pid="${pid#/proc/}"
    [[ $family == *" $pid "* ]] || printf '%s\n' "$pid"
  done
}

down() {
  [[ -e /run/netns/$netns ]] || return 0
  local signal pids
  for signal in TERM KILL KILL; do
    mapfile -t pids < <(inside)
    ((${#pids[@]})) || break
    kill -s "$signal" "${pids[@]}" 2>/dev/null || true
    sleep 1
  done
  mapfile -t pids < <(inside)
  ((${#pids[@]} == 0)) || die "processes ${pids[*]} in $netns do not end"
  in_net ip link delete "$bridge" 2>/dev/null || true
  ip netns delete "$netns"
}

case "${1:-}" in
up | down) "$1" ;;
*) die 'usage: net.sh up|down' ;;
esac
