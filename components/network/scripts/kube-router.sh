#!/bin/sh
set -eu

# Starts kube-router. It wants a CNI configuration to fill this node's pod network into; that is done out of the runtime's
# sight, and only the filled one is put where the runtime looks: a node is not Ready before a pod can start on it, and a
# node whose kube-router starts again keeps the configuration that it has.
cp /etc/kube-router/cni.conflist "$KUBE_ROUTER_CNI_CONF_FILE"
{
  until grep -q '"subnet"' "$KUBE_ROUTER_CNI_CONF_FILE"; do
    sleep 0.1
  done
  cp "$KUBE_ROUTER_CNI_CONF_FILE" /etc/cni/net.d/.kube-router
  mv -f /etc/cni/net.d/.kube-router /etc/cni/net.d/10-kuberouter.conflist
} &
# Pods leave the cluster under their node's address.
iptables -w -t nat -C POSTROUTING -s "$POD_CIDR" ! -d "$POD_CIDR" -j MASQUERADE 2>/dev/null ||
  iptables -w -t nat -A POSTROUTING -s "$POD_CIDR" ! -d "$POD_CIDR" -j MASQUERADE
exec kube-router "$@"
