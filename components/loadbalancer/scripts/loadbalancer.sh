#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

readonly LB_CONFIG=/etc/haproxy/ha-kubernetes.cfg
readonly LB_CA=/etc/haproxy/ha-kubernetes-ca.crt
readonly LB_RUN=/run/ha-kubernetes
readonly LB_VRRP=/etc/keepalived/keepalived.conf
readonly LB_LIVE=/etc/keepalived/api-live
readonly LB_NOTIFY=/etc/keepalived/api-notify
readonly LB_UNITS=/etc/systemd/system
readonly LB_HAPROXY_DROP_IN=$LB_UNITS/haproxy.service.d/ha-kubernetes.conf
readonly LB_VRRP_DROP_IN=$LB_UNITS/keepalived.service.d/ha-kubernetes.conf
readonly LB_TMPFILES=/etc/tmpfiles.d/ha-kubernetes.conf

# What takes long and disturbs nobody: all hosts at once.
phase_prepare() {
  if first_time; then
    step "preflight" lb_preflight
    claim
  fi
  step "packages" ensure_packages haproxy=haproxy keepalived=keepalived socat=socat
  step "firewall packages" host_firewall_packages
  step "metrics packages" host_metrics_packages
}

# What can disturb the API: one host after the other, the VIP's owner last.
phase_install() {
  lb_facts
  embedded tmpfiles.conf | put_file "$LB_TMPFILES" 0644
  systemd-tmpfiles --create "$LB_TMPFILES"
  receive_secrets
  [ -e "$LB_VRRP" ] || step "vip" lb_vip_free
  step "firewall" host_firewall
  step "haproxy" lb_haproxy
  step "keepalived" lb_keepalived
  step "metrics" host_metrics
  [ -z "${param[peers]}" ] || printf '%s\n' "${param[peers]}" | put_file "$STATE_DIR/peers" 0644
}

phase_wipe() {
  # Keepalived first: the peer has the VIP before HAProxy closes its connections.
  local unit
  for unit in keepalived haproxy; do
    systemctl disable --quiet --now "$unit.service" 2>/dev/null || true
  done
  rm -rf "$LB_RUN"
  rm -f "$LB_CONFIG" "$LB_CA" "$LB_VRRP" "$LB_LIVE" "$LB_NOTIFY" "$LB_HAPROXY_DROP_IN" "$LB_VRRP_DROP_IN" \
    "$LB_TMPFILES"
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
  local interface peers former
  interface=$(ip -o -4 address show to "${param[address]}" | awk 'NR == 1 { print $2 }')
  [ -n "$interface" ] || die "no interface holds ${param[address]}" "the host's address in the config is wrong" \
    "set it to one of: $(ip -o -4 address show scope global | awk '{ sub("/.*", "", $4); print $4 }' | xargs)"
  param[interface]=${interface%@*}
  # A peer that leaves is heard until another one came: else there would be two owners of the VIP until it is wiped,
  # and Keepalived starts over (1 s without VIP) when it goes from unicast to multicast or back.
  former=$(cat "$STATE_DIR/peers" 2>/dev/null) || true
  peers=$(tr ',' '\n' <<<"${param[peers]},$former" | sort -u | xargs)
  param[vrrp_sources]=$(echo "${param[address]}" "$peers" | xargs | sed 's/ /, /g')
  param[unicast]=$(lb_unicast "$peers")
}

# lb_unicast PEERS: the part of Keepalived's config; a host alone has none to talk to.
lb_unicast() {
  [ -n "$1" ] || return 0
  echo "  check_unicast_src"
  echo "  unicast_src_ip ${param[address]}"
  echo "  unicast_peer {"
  # shellcheck disable=SC2086
  printf '    %s\n' $1
  echo "  }"
}

# lb_vip_free: the VIP can be had here, and nobody but a load balancer of this very cluster has it.
lb_vip_free() {
  local neighbour
  [[ "$(ip -o route get "$LB_VIP" 2>&1)" != *@( via |nreachable)* ]] || die "the VIP $LB_VIP is in no network of this host" \
    "endpoint.address or the host's netmask is wrong" \
    "choose a free address of $(ip -o -4 route show dev "${param[interface]}" scope link | awk 'NR == 1 { print $1 }')"
  # Any packet makes the kernel ask who has the address.
  ip -4 neighbour flush to "$LB_VIP"
  (echo >"/dev/udp/$LB_VIP/9") 2>/dev/null || true
  sleep 0.5
  neighbour=$(ip -4 neighbour show to "$LB_VIP")
  [[ $neighbour =~ lladdr\ ([0-9a-f:]+) ]] || return 0
  curl -sS --max-time 5 --cacert "$LB_RUN/ca.crt" --resolve "$LB_DNS_NAME:$LB_PORT:$LB_VIP" -o /dev/null \
    "https://$LB_DNS_NAME:$LB_PORT/readyz" || die "the VIP $LB_VIP is in use by ${BASH_REMATCH[1]}" \
    "another machine or another cluster has this address" "choose a free address as endpoint.address"
}

lb_haproxy() {
  local was_live=""
  ! "$LB_LIVE" 2>/dev/null || was_live=yes
  embedded live.sh | put_file "$LB_LIVE" 0755
  param[stats_hash]=$(lb_stats_hash)
  filled haproxy.cfg | checked_file "$LB_CONFIG" 0600 lb_check_haproxy
  put_file "$LB_CA" 0600 <"$LB_RUN/ca.crt"
  rm -f "$LB_RUN/ca.crt" "$LB_RUN/stats-password"
  embedded haproxy.conf | put_file "$LB_HAPROXY_DROP_IN" 0644
  lb_apply haproxy.service "$LB_HAPROXY_DROP_IN" "$LB_CONFIG" "$LB_CA"
  retry 10 0.2 lb_answers || die "HAProxy does not answer on its socket: $(why_not haproxy)" \
    "see its own words before" "on the host: journalctl -u haproxy -n 50"
  # The other load balancer comes after this one, and still has what worked.
  [ -z "$was_live" ] || retry 15 0.3 "$LB_LIVE" || die "with the new config HAProxy sees no live API server: $(why_not haproxy)" \
    "a master's address or the CA is wrong, or the API went down meanwhile" "on the host: journalctl -u haproxy -n 50"
}

# lb_check_haproxy FILE: with the CA that comes with it.
lb_check_haproxy() {
  sed "s|$LB_CA|$LB_RUN/ca.crt|" "$1" | haproxy -c -f /dev/stdin
}

# lb_stats_hash: the password's hash, the old one while it fits: a new salt alone would be a reload.
# The least rounds do for a random password of 190 bits, and HAProxy spends them on every request of the page.
lb_stats_hash() {
  local noted rounds salt
  noted=$(sed -n 's/^  user .* password //p' "$LB_CONFIG" 2>/dev/null) || true
  IFS='$' read -r _ _ rounds salt _ <<<"$noted"
  if [ -z "$noted" ] || [ "$(openssl passwd -6 -salt "$rounds\$$salt" -stdin <"$LB_RUN/stats-password")" != "$noted" ]; then
    noted=$(openssl passwd -6 -salt "rounds=1000\$$(openssl rand -hex 8)" -stdin <"$LB_RUN/stats-password")
  fi
  echo "$noted"
}

lb_keepalived() {
  embedded notify.sh | put_file "$LB_NOTIFY" 0755
  filled keepalived.conf | checked_file "$LB_VRRP" 0644 keepalived -t -f
  embedded keepalived.conf.d | put_file "$LB_VRRP_DROP_IN" 0644
  lb_apply keepalived.service "$LB_VRRP_DROP_IN" "$LB_VRRP"
}

# lb_apply UNIT UNIT_FILE FILE...: restarts it for a new unit file, reloads it for another file, also one from a run
# that was killed before it came to that.
lb_apply() {
  local unit=$1 applied="$STATE_DIR/applied/$1" wanted pid
  wanted=$(sha256sum "${@:2}")
  systemctl is-enabled --quiet "$unit" || systemctl enable --quiet --no-reload "$unit"
  if ! systemctl is-active --quiet "$unit" || ! grep -qsxF "${wanted%%$'\n'*}" "$applied"; then
    systemctl daemon-reload
    systemctl restart "$unit" || die "the service $unit does not start: $(why_not "$unit")" \
      "see its own words before" "on the host: journalctl -u $unit -n 50"
  elif [ "$wanted" != "$(cat "$applied")" ]; then
    pid=$(lb_worker)
    systemctl reload "$unit" || die "the service $unit does not take its new config: $(why_not "$unit")" \
      "see its own words before" "on the host: journalctl -u $unit -n 50"
    [ "$unit" != haproxy.service ] || retry 10 0.2 lb_worker_is_not "$pid" || die "HAProxy still runs its old config: $(why_not haproxy)" \
      "the new process did not start" "on the host: journalctl -u haproxy -n 50"
  fi
  printf '%s\n' "$wanted" | put_file "$applied" 0644
}

# lb_worker: the process that serves now.
lb_worker() {
  echo 'show info' | timeout 2 socat -t 1 - "UNIX-CONNECT:$LB_RUN/haproxy.sock" 2>/dev/null | sed -n 's/^Pid: //p'
}

lb_answers() {
  [ -n "$(lb_worker)" ]
}

lb_worker_is_not() {
  local pid
  pid=$(lb_worker)
  [ -n "$pid" ] && [ "$pid" != "$1" ]
}
