#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

readonly PKI=/etc/kubernetes/pki
readonly ADMIN=/etc/kubernetes/admin.conf

phase_prepare() {
  node_prepare master_preflight
  step "firewall packages" host_firewall_packages
  step "firewall" host_firewall
}

phase_kubeadm() {
  receive_secrets
  step "files" master_files
  if [ -e "$STATE_DIR/master" ]; then
    step "ready" retry 120 1 master_answers || die "this master's API server is not ready" \
      "etcd can't be reached, or the server can't start" "on the host: journalctl -u kubelet -n 50; ls /var/log/pods"
    step "metrics" host_metrics
    return
  fi
  # A run that was killed half-way leaves what kubeadm would stumble over.
  [ ! -e "$STATE_DIR/kubeadm-started" ] || step "reset" master_reset
  if cluster_found; then
    : | put_file "$STATE_DIR/kubeadm-started" 0644
    step "join" master_join
  else
    step "nothing to lose" nothing_to_lose
    : | put_file "$STATE_DIR/kubeadm-started" 0644
    step "init" master_init
    # Whichever load balancer saw the API first took the VIP; it moves on to the preferred one within seconds, and
    # what is connected then is cut.
    step "endpoint" retry 15 0.3 endpoint_settled || true
  fi
  step "approver" start_unit kubelet-serving-approver.service /etc/systemd/system/kubelet-serving-approver.service \
    /usr/local/sbin/kubelet-serving-approver
  step "metrics" host_metrics
  node_built
  : | put_file "$STATE_DIR/master" 0644
}

phase_wipe() {
  systemctl disable --quiet --now kubelet-serving-approver.service 2>/dev/null || true
  rm -f /etc/systemd/system/kubelet-serving-approver.service /usr/local/sbin/kubelet-serving-approver
  node_wipe
}

master_preflight() {
  node_preflight 6443 10257 10259
  if [ -z "$ETCD_ENDPOINTS" ]; then
    preflight_ports 2379 2380 2381
    preflight_disk /var/lib/etcd 1024
    preflight_fsync /var/lib/etcd "$ETCD_FSYNC_P99_MS"
  fi
}

# What the API server reads must lie there before it starts.
master_files() {
  local name
  for name in audit-policy.yaml authentication.yaml admission.yaml reserved; do
    embedded "$name" | put_file "/etc/kubernetes/ha/$name" 0600
  done
  filled kubeadm-init.yaml | put_file /etc/kubernetes/ha/init.yaml 0600
  filled kubeadm-join.yaml | put_file /etc/kubernetes/ha/join.yaml 0600
  install -d -m 0700 /var/log/kubernetes/audit
  component_certificate
  embedded approver.sh | put_file /usr/local/sbin/kubelet-serving-approver 0755
  embedded approver.service | put_file /etc/systemd/system/kubelet-serving-approver.service 0644
}

master_answers() {
  curl -fsS --max-time 5 --cacert "$PKI/ca.crt" "https://${param[address]}:6443/readyz" >/dev/null 2>&1
}

# The first master may be the one that begins the cluster; every other waits for it.
cluster_found() {
  if [ "${param[first]}" = true ]; then
    cluster_answers
  else
    retry 60 1 cluster_answers || die "no API server answers at $ENDPOINT" \
      "the first master failed, or the load balancer is down" "on the host: curl --cacert $PKI/ca.crt https://$ENDPOINT/readyz"
  fi
}

# controller-manager and scheduler serve their metrics with a certificate that a scraper can verify.
component_certificate() {
  local crt="$PKI/component.crt" key="$PKI/component.key"
  # Renewed in its last half year by whatever runs this step.
  if [ -e "$crt" ] && openssl x509 -noout -checkend 15552000 -in "$crt" >/dev/null; then
    return
  fi
  openssl ecparam -genkey -name prime256v1 -noout | put_file "$key" 0600
  openssl req -new -key "$key" -subj "/CN=${param[host]}" |
    openssl x509 -req -days 1095 -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -set_serial "0x$(openssl rand -hex 16)" -extfile <(
      printf 'keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:%s,DNS:localhost,IP:%s,IP:127.0.0.1\n' \
        "${param[host]}" "${param[address]}"
    ) | put_file "$crt" 0644
}

# A cluster of this CA answers through the endpoint and was initialised to the end.
cluster_answers() {
  curl -fsS --connect-timeout 1 --max-time 5 --cacert "$PKI/ca.crt" "https://$ENDPOINT/readyz" >/dev/null 2>&1 || return 1
  master_admin
  kubectl --kubeconfig "$ADMIN" -n kube-system get configmap ha-kubernetes >/dev/null 2>&1
}

# Every master holds the CA, so it makes its own administrator's kubeconfig instead of being given a token.
master_admin() {
  [ -e "$ADMIN" ] || kubeadm init phase kubeconfig admin --config /etc/kubernetes/ha/init.yaml
}

# An init over a living cluster's data would be a second cluster: refused if another master or etcd knows one.
nothing_to_lose() {
  local other keys code port
  for other in ${param[others]//,/ }; do
    # Only a refusal says that nothing runs there; silence may be a broken network.
    for port in 6443 2379; do
      code=0
      timeout 3 bash -c "exec 8<>/dev/tcp/$other/$port" 2>/dev/null || code=$?
      [ "$code" -eq 1 ] || die "the master $other $([ "$code" -eq 0 ] && echo "listens on port $port" || echo "does not answer"), yet $ENDPOINT does not answer as a cluster" \
        "the load balancer, etcd's quorum or the network between is down" "repair that first, then pulumi up again"
    done
  done
  if [ -z "$ETCD_ENDPOINTS" ] || [ -e "$STATE_DIR/kubeadm-started" ]; then
    return 0
  fi
  # All keys of "/registry/", counted.
  keys=$(curl -fsS --max-time 10 --cacert "$PKI/etcd/ca.crt" --cert "$PKI/apiserver-etcd-client.crt" \
    --key "$PKI/apiserver-etcd-client.key" -d '{"key":"L3JlZ2lzdHJ5Lw==","range_end":"L3JlZ2lzdHJ5MA==","count_only":true}' \
    "${ETCD_ENDPOINTS%%,*}/v3/kv/range" | sed -n 's/.*"count":"\([0-9]*\)".*/\1/p')
  [ -z "$keys" ] || die "etcd holds $keys objects of a cluster, yet no API server answers" \
    "all masters are down" "start the masters again; to begin from nothing: pulumi destroy, then pulumi up"
}

master_init() {
  kubeadm init --config /etc/kubernetes/ha/init.yaml --skip-token-print
  # The token that kubeadm always makes is of no use here: nodes get one of their own when they join.
  local token
  for token in $(kubeadm token list --kubeconfig "$ADMIN" -o 'jsonpath={.token}{"\n"}'); do
    kubeadm token delete "$token" --kubeconfig "$ADMIN"
  done
  embedded bootstrap.yaml | kubectl --kubeconfig "$ADMIN" apply -f -
  kubectl --kubeconfig "$ADMIN" -n kube-system patch deployment coredns --patch "$(embedded coredns.yaml)"
  # system:masters can't be revoked, and one master would be special.
  rm -f /etc/kubernetes/super-admin.conf
}

# endpoint_settled: true once the preferred load balancer answers for the endpoint, by the addresses of their link.
endpoint_settled() {
  local vip=${ENDPOINT%:*} theirs
  [ -n "$PREFERRED_LB" ] || return 0
  knock "$vip" && knock "$PREFERRED_LB" || return 1
  theirs=$(link_address "$PREFERRED_LB")
  # Behind a router there is nothing to compare.
  [ -z "$theirs" ] || [ "$(link_address "$vip")" = "$theirs" ]
}

knock() {
  timeout 1 bash -c "exec 8<>/dev/tcp/$1/${ENDPOINT##*:}" 2>/dev/null
}

link_address() {
  ip neigh show "$1" | sed -n 's/.*lladdr \([^ ]*\).*/\1/p'
}

# Discovery by the administrator's own kubeconfig: the CA is pinned and no token is needed.
master_join() {
  retry 120 2 kubeadm_join || die "kubeadm join failed: $(grep -E '^error|\[ERROR' "$LOG_DIR/kubeadm.log" | tail -n 1 | cut -c1-300)" \
    "the API or etcd was not ready" "read $LOG_DIR/kubeadm.log on the host, then pulumi up again"
}

kubeadm_join() {
  local waker code=0
  # Without the lock and the ssh session: if this script is killed, both must end with it.
  wake_kubelet 3>&- 4>&- 9>&- &
  waker=$!
  kubeadm join --config /etc/kubernetes/ha/join.yaml || code=$?
  kill "$waker" 2>/dev/null || true
  [ "$code" -ne 0 ] || return 0
  master_reset
  return 1
}

# wake_kubelet: a master's kubelet speaks only to the API server of its own host, which is not up yet when it first asks
# for its certificate; it asks again after longer and longer pauses, up to 18 s, and its watches do the same.
# Started anew once the server is ready, it has its certificate at once.
wake_kubelet() {
  retry 240 0.5 master_answers || return 0
  [ -e /var/lib/kubelet/pki/kubelet-client-current.pem ] || systemctl restart kubelet
}

# Back to before kubeadm. The data of a stacked member goes too; external etcd is not touched.
master_reset() {
  if [ -z "$ETCD_ENDPOINTS" ]; then
    stacked_forget
  fi
  kubeadm reset --force --skip-phases remove-etcd-member || true
  rm -rf /var/lib/etcd/member
  write_secrets
  master_files
  master_admin
}

# A member that an interrupted join left is taken out by any other member, or it would count for the quorum.
stacked_forget() {
  local other id auth=(--cacert "$PKI/etcd/ca.crt" --cert "$PKI/apiserver-etcd-client.crt" --key "$PKI/apiserver-etcd-client.key")
  [ -e "$PKI/apiserver-etcd-client.crt" ] || return 0
  for other in ${param[others]//,/ }; do
    # A peer that is down, or doesn't know this member, answers nothing.
    id=$(curl -fsS --max-time 5 "${auth[@]}" -d '{}' "https://$other:2379/v3/cluster/member/list" 2>/dev/null | tr '{' '\n' |
      grep -F "\"https://${param[address]}:2380\"" | sed -n 's/.*"ID":"\([0-9]*\)".*/\1/p') || true
    if [ -n "$id" ]; then
      curl -fsS --max-time 5 "${auth[@]}" -d "{\"ID\":\"$id\"}" "https://$other:2379/v3/cluster/member/remove"
      return
    fi
  done
}
