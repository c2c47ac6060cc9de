import type * as pulumi from "@pulumi/pulumi";
import { backupTargets, WorkloadBackup } from "./backup";
import type { ChartFile } from "./charts";
import { Logs, logTargets, lokiAddress } from "./logs";
import { MetricsServer, Monitoring, MONITORING_NAMESPACE } from "./monitoring";
import type { NamedSecrets } from "./objects/secrets";
import { Samples } from "./samples";
import type { ScrapeTarget } from "./spec/scrapeTarget";
import { anySample } from "./spec/services";
import { databaseClass } from "./spec/storageClasses";
import type { ClusterSpec } from "./spec/types";
import { Storage } from "./storage";

/** Arguments of {@link clusterServices}. */
export interface ClusterServicesArgs {
  readonly cluster: ClusterSpec;
  /** What the secret config keys hold that the cluster names. */
  readonly secrets: NamedSecrets | undefined;
  readonly cephChart: ChartFile | undefined;
  readonly nfsChart: ChartFile | undefined;
  /** What the hosts and the network serve for Prometheus. */
  readonly scrapeTargets: readonly ScrapeTarget[];
  /** What must stand before: nodes and their network. */
  readonly after: pulumi.Resource[];
}

/** Everything of a cluster's config that runs on it, in the order in which it needs each other; gives its passwords. */
export function clusterServices(
  name: string,
  { cluster, secrets, cephChart, nfsChart, scrapeTargets, after }: ClusterServicesArgs,
  opts: pulumi.ComponentResourceOptions,
): { grafanaPassword?: pulumi.Output<string>; backupRepositoryPassword?: pulumi.Output<string> } {
  const { monitoring, logs, backup, samples } = cluster;
  const storage = new Storage(
    `${name}-storage`,
    { storage: cluster.storage, secrets, cephChart, nfsChart, after },
    opts,
  );
  const volumeClass = databaseClass(cluster.storage);
  const withVolumes = { secrets, volumeClass, after: [...after, ...storage.ready] };

  const metricsServer = monitoring.metricsServer
    ? new MetricsServer(`${name}-metrics-server`, { after }, opts)
    : undefined;
  const watch = monitoring.enabled
    ? new Monitoring(
        `${name}-monitoring`,
        {
          ...withVolumes,
          monitoring,
          scrapeTargets: [
            ...scrapeTargets,
            ...logTargets(logs, MONITORING_NAMESPACE),
            ...backupTargets(backup),
          ],
          loki: lokiAddress(logs, MONITORING_NAMESPACE),
        },
        opts,
      )
    : undefined;
  if (logs.enabled) {
    new Logs(`${name}-logs`, { ...withVolumes, logs, namespace: watch?.namespace }, opts);
  }
  const saved = backup && new WorkloadBackup(`${name}-backup`, { backup, secrets, after }, opts);
  if (anySample(samples)) {
    const measured = metricsServer?.ready ?? [];
    new Samples(`${name}-sample`, { samples, after: [...after, ...storage.ready, ...measured] }, opts);
  }
  return {
    grafanaPassword: watch?.grafanaPassword,
    backupRepositoryPassword: saved?.repositoryPassword,
  };
}
