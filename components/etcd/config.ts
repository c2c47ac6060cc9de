import { stringify } from "yaml";
import type { ClusterSpec } from "../spec/types";

/** Where etcd's certificates lie on its hosts. */
export const ETCD_PKI = "/etc/etcd/pki";

/** Port of plain-HTTP metrics and health, apart from the store: a scraper needs no client certificate. */
export const METRICS_PORT = 2381;

/** etcd's configuration file; "@host@" and "@address@" are filled in on the host. */
export function etcdConfig(cluster: ClusterSpec): string {
  const { etcd, hosts } = cluster;
  return stringify({
    name: "@host@",
    "data-dir": "/var/lib/etcd",
    "listen-client-urls": "https://@address@:2379,https://127.0.0.1:2379",
    "advertise-client-urls": "https://@address@:2379",
    "listen-peer-urls": "https://@address@:2380",
    "initial-advertise-peer-urls": "https://@address@:2380",
    "listen-metrics-urls": `http://@address@:${METRICS_PORT}`,
    "initial-cluster": hosts.etcd.map((host) => `${host.name}=https://${host.address}:2380`).join(","),
    "initial-cluster-token": cluster.name,
    "initial-cluster-state": "new",
    "heartbeat-interval": etcd.heartbeatMs,
    "election-timeout": etcd.electionMs,
    "snapshot-count": etcd.snapshotCount,
    "quota-backend-bytes": etcd.quotaBytes,
    // Refuses to serve from a member whose data differs from its peers' (etcd 3.5.0-3.5.2 lost writes that way).
    "feature-gates": "InitialCorruptCheck=true",
    "tls-min-version": "TLS1.2",
    "client-transport-security": transport("server"),
    "peer-transport-security": transport("peer"),
  });
}

function transport(kind: "server" | "peer") {
  return {
    "cert-file": `${ETCD_PKI}/${kind}.crt`,
    "key-file": `${ETCD_PKI}/${kind}.key`,
    "trusted-ca-file": `${ETCD_PKI}/ca.crt`,
    "client-cert-auth": true,
  };
}

/** systemd's unit of a member: it counts as started when etcd says so, and restarts by itself. */
export const ETCD_UNIT = `[Unit]
Description=etcd, the store of Kubernetes
Documentation=https://etcd.io/docs/
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
User=etcd
ExecStart=/usr/local/bin/etcd --config-file /etc/etcd/etcd.yaml
Restart=always
RestartSec=1
# Waits for the other members of a new cluster.
TimeoutStartSec=120
NoNewPrivileges=true
ProtectSystem=strict
ReadWritePaths=/var/lib/etcd
ProtectHome=true

[Install]
WantedBy=multi-user.target
`;

/** Environment with which etcdctl reaches the local member. */
export const ETCDCTL_ENV = `ETCDCTL_ENDPOINTS=https://127.0.0.1:2379
ETCDCTL_CACERT=${ETCD_PKI}/ca.crt
ETCDCTL_CERT=${ETCD_PKI}/admin.crt
ETCDCTL_KEY=${ETCD_PKI}/admin.key
`;
