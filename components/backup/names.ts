import type { ScrapeTarget } from "../spec/scrapeTarget";
import type { BackupSpec } from "../spec/types";

/** Namespace of everything that saves workloads; upstream's own name. */
export const BACKUP_NAMESPACE = "velero";

/** Names by which Velero's own parts look for each other. */
export const VELERO = "velero";
export const NODE_AGENT = "node-agent";

/** Name of the port at which both serve metrics, and upstream's own number. */
export const METRICS = { name: "metrics", containerPort: 8085 };

/** Name of the schedule; metrics and backups carry it. */
export const SCHEDULE = "daily";

/** Name of the one place in which backups are kept. */
export const LOCATION = "default";

/** What Velero and its agents serve to whoever watches; nothing without backup. */
export function backupTargets(backup: BackupSpec | undefined): ScrapeTarget[] {
  return (backup ? [VELERO, NODE_AGENT] : []).map((pods) => ({
    job: pods,
    at: { pods, namespace: BACKUP_NAMESPACE, portName: METRICS.name },
  }));
}
