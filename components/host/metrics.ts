import { join } from "node:path";
import { NODE_EXPORTER, NODE_EXPORTER_PORT } from "../monitoring/names";
import type { ScrapeTarget } from "../spec/scrapeTarget";
import type { ClusterSpec, HostSpec, Role } from "../spec/types";
import { shellFile } from "./script";

/** Where hosts leave what they say of themselves, for node-exporter's textfile collector. */
export const TEXTFILE_FOLDER = "/var/lib/ha-kubernetes/textfile";

/** A port of each host, by the hosts' names. */
export function hostTargets(
  hosts: readonly Pick<HostSpec, "name" | "address">[],
  port: number,
): { hosts: Record<string, string> } {
  return { hosts: Object.fromEntries(hosts.map(({ name, address }) => [name, `${address}:${port}`])) };
}

/** node-exporter of hosts that are no nodes, as the nodes' own; nothing where nobody asks. */
export function hostExporters(
  { monitoring }: Pick<ClusterSpec, "monitoring">,
  hosts: readonly Pick<HostSpec, "name" | "address">[],
): ScrapeTarget[] {
  return monitoring.enabled && hosts.length > 0
    ? [{ job: NODE_EXPORTER, at: hostTargets(hosts, NODE_EXPORTER_PORT) }]
    : [];
}

/** The certificates of a role that nobody else watches: a kubelet says itself when its own end. */
const CERTIFICATES: Record<Exclude<Role, "worker">, readonly string[]> = {
  etcd: ["/etc/etcd/pki/*.crt"],
  master: ["/etc/kubernetes/pki/*.crt", "/etc/kubernetes/pki/etcd/*.crt", "/etc/kubernetes/*.conf"],
  loadbalancer: ["/etc/haproxy/ha-kubernetes-ca.crt"],
};

/** Files by which a host tells what is to be known of it; none where nobody asks. */
export function metricsFiles({ monitoring }: ClusterSpec, role: Role): Record<string, string> {
  if (!monitoring.enabled || role === "worker") return {};
  return {
    "certificates.sh": shellFile(join(__dirname, "scripts/certificates.sh")),
    "certificates.service": certificatesUnit(CERTIFICATES[role]),
    "certificates.timer": CERTIFICATES_TIMER,
    // A node has its exporter as a pod.
    ...(role !== "master" && { "exporter.conf": EXPORTER_DROP_IN }),
  };
}

/** Drop-in of the distribution's prometheus-node-exporter.service; "@address@" is filled in on the host. */
const EXPORTER_DROP_IN = `[Service]
ExecStart=
ExecStart=/usr/bin/prometheus-node-exporter --web.listen-address=@address@:${NODE_EXPORTER_PORT} --collector.textfile.directory=${TEXTFILE_FOLDER}
`;

function certificatesUnit(paths: readonly string[]): string {
  return `[Unit]
Description=Notes when this host's certificates end

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/ha-kubernetes-certificates ${TEXTFILE_FOLDER}/certificates.prom ${paths.map((path) => `"${path}"`).join(" ")}
`;
}

/** Hourly, so that a renewed one is seen the same day, at a cost of some milliseconds. */
const CERTIFICATES_TIMER = `[Unit]
Description=Notes when this host's certificates end, hourly

[Timer]
OnBootSec=1min
OnUnitActiveSec=1h

[Install]
WantedBy=timers.target
`;
