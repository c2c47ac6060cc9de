#!/usr/bin/env bash
# shellcheck disable=SC2034
# On a master or a worker: node.sh BASE prepare [admin] | init | join
set -euo pipefail
BASE=$1
# shellcheck source=bench/by-hand/hosts/fetch.sh
. "${BASH_SOURCE[0]%/*}/fetch.sh"
export KUBECONFIG=/etc/kubernetes/admin.conf KUBECACHEDIR=/run/kubectl-cache

prepare() {
  fetch_all
  printf 'overlay\nbr_netfilter\n' >/etc/modules-load.d/ha-kubernetes.conf
  modprobe -a overlay br_netfilter 2>/dev/null || true
  # A host that shares its kernel may not set all of them.
  sysctl -q -e -p /etc/sysctl.d/90-ha-kubernetes.conf 2>/dev/null || true
  swapoff -a 2>/dev/null || true
  systemctl mask --quiet swap.target
  install_all
  systemctl enable --quiet kubelet
  # Of a master that joins: it holds the CA, so it makes the kubeconfig with which it finds the cluster.
  [ "${1:-}" != admin ] || kubeadm init phase kubeconfig admin --config /etc/kubernetes/ha/init.yaml >/dev/null
  mkdir -p /var/log/kubernetes
  install -d -m 0700 /var/log/kubernetes/audit
  until ctr version >/dev/null 2>&1; do sleep 0.1; done
  import_all
}

init() {
  kubeadm init --config /etc/kubernetes/ha/init.yaml --skip-token-print >"$HERE/init.log" 2>&1 || {
    tail -n 5 "$HERE/init.log" >&2
    return 1
  }
  rm -f /etc/kubernetes/super-admin.conf
  kubectl create --validate=false -f "$HERE/bootstrap.yaml" -f "$HERE/network.yaml" -f "$HERE/tokens.yaml" >/dev/null
  rm -f "$HERE/tokens.yaml"
  systemctl enable --quiet --now kubelet-serving-approver
}

# A try that met the VIP on its way from one load balancer to the other is made again.
join() {
  local config=/run/ha-kubernetes/join.yaml try
  if [ -e /etc/kubernetes/ha/join.yaml ]; then
    config=/etc/kubernetes/ha/join.yaml
    wake_kubelet "$(sed -n 's/.*advertiseAddress: *"\(.*\)"/\1/p' "$config")" &
  fi
  for try in 1 2 3; do
    if kubeadm join --config "$config" >"$HERE/join.log" 2>&1; then
      rm -rf /run/ha-kubernetes
      [ ! -e /etc/kubernetes/ha ] || systemctl enable --quiet --now kubelet-serving-approver
      return
    fi
    echo "try $try: $(tail -n 2 "$HERE/join.log" | tr '\n' ' ')" >&2
    # Nothing was written before the API answered, so there is nothing to reset.
    [ ! -e /etc/kubernetes/kubelet.conf ] || return 1
  done
  return 1
}

# wake_kubelet ADDRESS: as the package does on a master that joins.
wake_kubelet() {
  until curl -fsS --max-time 5 --cacert /etc/kubernetes/pki/ca.crt "https://$1:6443/readyz" >/dev/null 2>&1; do sleep 0.5; done
  [ -e /var/lib/kubelet/pki/kubelet-client-current.pem ] || systemctl restart kubelet
}

# check [name=value ...]: no token may live; then the same checks as the package's.
check() {
  kubectl -n kube-system delete secrets --field-selector type=bootstrap.kubernetes.io/token >/dev/null
  bash "$HERE/checks.sh" "$KUBECONFIG" "$@"
}

shift
"$@"
