#!/usr/bin/env bash
set -euo pipefail

# Approves the serving certificates that kubelets ask for, which Kubernetes leaves to its operator:
# https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#certificate-rotation
# A request is approved if a node asks for itself: its own name, and only addresses that its Node object
# has and no other Node has. Every master runs this; the first to look approves.
export KUBECONFIG=/etc/kubernetes/admin.conf

main() {
  local name user conditions request
  # kubectl aligns tabs in a watch's output, so fields are parted by a bar.
  kubectl get csr --field-selector spec.signerName=kubernetes.io/kubelet-serving --watch \
    -o 'jsonpath={.metadata.name}{"|"}{.spec.username}{"|"}{.spec.request}{"|"}{.status.conditions[*].type}{"\n"}' |
    while IFS='|' read -r name user request conditions; do
      [ -z "$conditions" ] || continue
      # The masters look at different moments, so that mostly one does the work.
      sleep "0.$((RANDOM % 9))"
      judge "$name" "${user#system:node:}" "$request" || echo "$name: refused, asked by $user"
    done
}

judge() {
  local name=$1 node=$2 text address
  [ -z "$(kubectl get csr "$name" -o 'jsonpath={.status.conditions[*].type}')" ] || return 0
  text=$(base64 -d <<<"$3" | openssl req -noout -subject -nameopt RFC2253 -text)
  grep -qxF "subject=CN=system:node:$node,O=system:nodes" <<<"$text" || return 1
  for address in $(sans "$text" DNS); do
    [ "$address" = "$node" ] || return 1
  done
  for address in $(sans "$text" 'IP Address'); do
    [ "$(owners "$address")" = "$node" ] || return 1
  done
  kubectl certificate approve "$name"
}

# sans TEXT KIND: the alternative names of one kind in a certificate request.
sans() {
  grep -A1 'Subject Alternative Name' <<<"$1" | tail -n 1 | tr ',' '\n' | sed -n "s/^ *$2: *//;s/^ *$2://p"
}

# owners ADDRESS: the nodes that have it.
owners() {
  kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name}{" "}{.status.addresses[*].address}{"\n"}{end}' |
    awk -v address="$1" '{ for (i = 2; i <= NF; i++) if ($i == address) print $1 }'
}

main
