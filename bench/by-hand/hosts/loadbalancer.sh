#!/usr/bin/env bash
# On a load balancer: firewall, HAProxy, Keepalived.
set -euo pipefail

systemd-tmpfiles --create /etc/tmpfiles.d/ha-kubernetes.conf
haproxy -c -q -f /etc/haproxy/ha-kubernetes.cfg
systemctl daemon-reload
systemctl enable --quiet ha-kubernetes-firewall haproxy keepalived
systemctl restart ha-kubernetes-firewall
systemctl restart haproxy keepalived
