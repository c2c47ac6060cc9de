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
      judge "$name" "$user" "$request" || echo "$name: refused, asked by $user"
    done
}

judge() {
  local name=$1 node=${2#system:node:} text names addresses word
  [ "$2" = "system:node:$node" ] || return 1
  [ -z "$(kubectl get csr "$name" -o 'jsonpath={.status.conditions[*].type}')" ] || return 0
  text=$(base64 -d <<<"$3" | openssl req -noout -subject -nameopt RFC2253 -text)
  grep -qxF "subject=CN=system:node:$node,O=system:nodes" <<<"$text" || return 1
  # An extension that prints like a second list of names would be a list to hide the first.
  [ "$(grep -c 'Subject Alternative Name' <<<"$text")" -eq 1 ] || return 1
  names=$(sans "$text" DNS) addresses=$(sans "$text" 'IP Address')
  [ -n "$names$addresses" ] || return 1
  for word in $names; do
    [ "$word" = "$node" ] && ! reserved "$word" || return 1
  done
  for word in $addresses; do
    [ "$(owners "$word")" = "$node" ] && ! reserved "$word" || return 1
  done
  kubectl certificate approve "$name"
}

# sans TEXT KIND: the alternative names of one kind in a certificate request.
sans() {
  grep -A1 'Subject Alternative Name' <<<"$1" | tail -n 1 | tr ',' '\n' | sed -n "s/^ *$2: *//p"
}

# reserved WORD: true for a name or an address that is the cluster's own; a node says itself which addresses it has.
reserved() {
  case $1 in
  kubernetes | kubernetes.* | localhost | 127.*) return 0 ;;
  esac
  grep -qxF "$1" /etc/kubernetes/ha/reserved || in_services "$1"
}

# in_services WORD: true for an address of the service network.
in_services() {
  local cidr bits
  cidr=$(sed -n 's/^services //p' /etc/kubernetes/ha/reserved)
  [[ $1 =~ ^[0-9.]+$ ]] || return 1
  bits=$((32 - ${cidr#*/}))
  [ $(($(number "$1") >> bits)) -eq $(($(number "${cidr%/*}") >> bits)) ]
}

# number ADDRESS: an IPv4 address as a number.
number() {
  local IFS=.
  # shellcheck disable=SC2086
  set -- $1
  echo $((($1 << 24) + ($2 << 16) + ($3 << 8) + $4))
}

# owners ADDRESS: the nodes that have it.
owners() {
  kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name}{" "}{.status.addresses[*].address}{"\n"}{end}' |
    awk -v address="$1" '{ for (i = 2; i <= NF; i++) if ($i == address) print $1 }'
}

main
