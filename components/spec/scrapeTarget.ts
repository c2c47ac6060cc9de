/** Something outside the cluster's own lists that serves metrics: what the host parts give to the monitoring. */
export interface ScrapeTarget {
  /** Name of the job, which becomes label `job`. */
  readonly job: string;
  /** Addresses, host:port, by the hosts' names; or a port that every node serves; or pods. */
  readonly at: { readonly hosts: Readonly<Record<string, string>> } | NodePort | PodPort;
}

/** Whether a job is among the targets: what is told of something is told where it is asked. */
export function isScraped(job: string, targets: readonly Pick<ScrapeTarget, "job">[]): boolean {
  return targets.some((target) => target.job === job);
}

/** A named port of every pod of a name, as label app.kubernetes.io/name says it. */
export interface PodPort {
  readonly pods: string;
  readonly namespace: string;
  readonly portName: string;
}

/** A port on the address of every node, or of those with the control plane. */
export interface NodePort {
  readonly port: number;
  readonly nodes: "all" | "control-plane";
  /** Over TLS with a certificate of the cluster's CA, asked with the scraper's own token. */
  readonly tls?: boolean;
}
