#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

readonly LB_CONFIG=/etc/haproxy/ha-kubernetes.cfg
readonly LB_CA=/etc/haproxy/ha-kubernetes-ca.crt
readonly LB_RUN=/run/ha-kubernetes
readonly LB_VRRP=/etc/keepalived/keepalived.conf
readonly LB_LIVE=/etc/keepalived/api-live
readonly LB_NOTIFY=/etc/keepalived/api-notify
readonly LB_FIREWALL=/etc/ha-kubernetes/firewall.nft
readonly LB_UNITS=/etc/systemd/system
readonly LB_FIREWALL_UNIT=$LB_UNITS/ha-kubernetes-firewall.service
readonly LB_HAPROXY_DROP_IN=$LB_UNITS/haproxy.service.d/ha-kubernetes.conf
readonly LB_VRRP_DROP_IN=$LB_UNITS/keepalived.service.d/ha-kubernetes.conf
readonly LB_TMPFILES=/etc/tmpfiles.d/ha-kubernetes.conf

# What takes long and disturbs nobody: all hosts at once.
phase_prepare() {
  if first_time; then
    step "preflight" lb_preflight
    claim
  fi
  step "packages" ensure_packages haproxy=haproxy keepalived=keepalived nft=nftables socat=socat curl=curl openssl=openssl
}

# What can disturb the API: one host after the other, the VIP's owner last.
phase_install() {
  lb_facts
  embedded tmpfiles.conf | put_file "$LB_TMPFILES" 0644
  systemd-tmpfiles --create "$LB_TMPFILES"
  receive_secrets
  [ -e "$LB_VRRP" ] || step "vip" lb_vip_free
  step "firewall" lb_firewall
  step "haproxy" lb_haproxy
  step "keepalived" lb_keepalived
  printf '%s\n' "${param[peers]}" | put_file "$STATE_DIR/peers" 0644
}

phase_wipe() {
  # Keepalived first: the peer has the VIP before HAProxy closes its connections.
  local unit
  for unit in keepalived haproxy ha-kubernetes-firewall; do
    systemctl disable --quiet --now "$unit.service" 2>/dev/null || true
  done
  nft delete table inet ha_kubernetes 2>/dev/null || true
  rm -rf /etc/ha-kubernetes "$LB_RUN"
  rm -f "$LB_CONFIG" "$LB_CA" "$LB_VRRP" "$LB_LIVE" "$LB_NOTIFY" "$LB_FIREWALL_UNIT" "$LB_HAPROXY_DROP_IN" \
    "$LB_VRRP_DROP_IN" "$LB_TMPFILES"
  rmdir "${LB_HAPROXY_DROP_IN%/*}" "${LB_VRRP_DROP_IN%/*}" 2>/dev/null || true
  wipe_common
}

lb_preflight() {
  preflight_system
  preflight_ports "$LB_PORT" "$LB_STATS_PORT"
  preflight_disk /var/lib 512
}

# lb_facts: the interface that holds this host's address, and what follows from the peers.
lb_facts() {
  local interface peer former lines=""
  interface=$(ip -o -4 address show to "${param[address]}" | awk 'NR == 1 { print $2 }')
  [ -n "$interface" ] || die "no interface holds ${param[address]}" "the host's address in the config is wrong" \
    "set it to one of: $(ip -o -4 address show scope global | awk '{ sub("/.*", "", $4); print $4 }' | xargs)"
  param[interface]=${interface%@*}
  # A peer that leaves is heard until the next change: else there would be two owners of the VIP until it is wiped.
  former=$(cat "$STATE_DIR/peers" 2>/dev/null) || true
  param[all_peers]=$(tr ',' '\n' <<<"${param[peers]},$former" | sort -u | xargs)
  for peer in ${param[all_peers]}; do
    lines+="    $peer"$'\n'
  done
  param[unicast]=""
  [ -z "$lines" ] || param[unicast]="  check_unicast_src"$'\n'"  unicast_src_ip ${param[address]}"$'\n'"  unicast_peer {"$'\n'"$lines  }"
}

# lb_vip_free: the VIP can be had here, and nobody but a load balancer of this very cluster has it.
lb_vip_free() {
  local route
  route=$(ip -o route get "$LB_VIP" 2>&1) || true
  [[ $route != *" via "* && $route != *unreachable* ]] || die "the VIP $LB_VIP is not in a network of ${param[interface]}" \
    "endpoint.address or the host's netmask is wrong" "choose a free address of this network: $(ip -o -4 route show dev "${param[interface]}" scope link | awk 'NR == 1 { print $1 }')"
  (: >"/dev/udp/$LB_VIP/9" && echo >"/dev/udp/$LB_VIP/9") 2>/dev/null || true
  sleep 0.5
  [[ "$(ip -4 neighbour show to "$LB_VIP")" == *lladdr* ]] || return 0
  curl -sS --max-time 5 --cacert "$LB_RUN/ca.crt" --resolve "$LB_DNS_NAME:$LB_PORT:$LB_VIP" -o /dev/null \
    "https://$LB_DNS_NAME:$LB_PORT/readyz" || die "the VIP $LB_VIP is in use by $(ip -4 neighbour show to "$LB_VIP" | awk '{ print $5 }')" \
    "another machine or another cluster has this address" "choose a free address as endpoint.address"
}

# checked_file PATH MODE COMMAND...: writes standard input there if the command, given the new file, accepts it.
checked_file() {
  local path=$1 mode=$2 new
  shift 2
  mkdir -p "${path%/*}"
  new=$(mktemp "${path%/*}/.check.XXXXXX")
  cat >"$new"
  if ! "$@" "$new" >"$LOG_DIR/check" 2>&1; then
    cat "$LOG_DIR/check"
    rm -f "$new"
    die "the new $path is refused: $(grep -iE 'alert|error|unknown|invalid|\(line' "$LOG_DIR/check" | head -n 1 | cut -c1-200)" \
      "a version of the distribution's package that ha-kubernetes does not know" "read $LOG_DIR on the host; what runs was not touched"
  fi
  put_file "$path" "$mode" <"$new"
  rm -f "$new"
}

lb_firewall() {
  param[peers]=$(tr ' ' ',' <<<"${param[address]} ${param[all_peers]}") filled firewall.nft | cat >/dev/null
}
