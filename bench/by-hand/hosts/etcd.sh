#!/usr/bin/env bash
# shellcheck disable=SC2034
# On an etcd host: etcd.sh BASE. Starts the member; who waits for its health is on the outside.
set -euo pipefail
BASE=$1
# shellcheck source=bench/by-hand/hosts/fetch.sh
. "${BASH_SOURCE[0]%/*}/fetch.sh"

fetch_all
useradd --system --home-dir /var/lib/etcd --shell /usr/sbin/nologin etcd
chown -R etcd:etcd /etc/etcd/pki
chown root:root /etc/etcd/pki/admin.*
chmod 0700 /etc/etcd/pki
install -d -o etcd -g etcd -m 0700 /var/lib/etcd
install_all
systemctl daemon-reload
systemctl enable --quiet etcd
systemctl start --no-block etcd
