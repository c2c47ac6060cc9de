import * as pulumi from "@pulumi/pulumi";
import { backupTargets, WorkloadBackup } from "./backup";
import type { ChartFile } from "./charts";
import { Logs, logTargets, lokiAddress } from "./logs";
import { MetricsServer, Monitoring, MONITORING_NAMESPACE } from "./monitoring";
import { monitoringNamespace } from "./monitoring/namespace";
import { objectOptions } from "./objects/objectOptions";
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

/** What the services give. */
export interface ClusterServices {
  /** What to depend on for services that serve. */
  readonly ready: pulumi.Resource[];
  readonly grafanaPassword?: pulumi.Output<string>;
  readonly backupRepositoryPassword?: pulumi.Output<string>;
}

/** Everything of a cluster's config that runs on it, in the order in which it needs each other. */
export function clusterServices(
  name: string,
  { cluster, secrets, cephChart, nfsChart, scrapeTargets, after }: ClusterServicesArgs,
  opts: pulumi.ComponentResourceOptions,
): ClusterServices {
  const { monitoring, logs, backup, samples } = cluster;
  const storage = new Storage(
    `${name}-storage`,
    { storage: cluster.storage, secrets, cephChart, nfsChart, after },
    opts,
  );
  const volumeClass = databaseClass(cluster.storage);
  const withVolumes = { secrets, volumeClass, after: [...after, ...storage.ready] };

  const metricsServer = monitoring.metricsServer
    ? new MetricsServer(`${name}-metrics-server`, { maxNodes: monitoring.maxNodes, after }, opts)
    : undefined;
  const namespace =
    monitoring.enabled || logs.enabled ? sharedNamespace(`${name}-monitoring`, opts) : undefined;
  const watch = monitoring.enabled
    ? new Monitoring(
        `${name}-monitoring`,
        {
          ...withVolumes,
          monitoring,
          namespace,
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
  const kept = logs.enabled ? new Logs(`${name}-logs`, { ...withVolumes, logs, namespace }, opts) : undefined;
  const saved = backup && new WorkloadBackup(`${name}-backup`, { backup, secrets, after }, opts);
  const shown = anySample(samples)
    ? new Samples(
        `${name}-sample`,
        { samples, measured: metricsServer?.ready, after: withVolumes.after },
        opts,
      )
    : undefined;
  const parts = [storage, metricsServer, watch, kept, saved, shown];
  return {
    ready: parts.flatMap((part) => part?.ready ?? []),
    grafanaPassword: watch?.grafanaPassword,
    backupRepositoryPassword: saved?.repositoryPassword,
  };
}

/** The namespace of monitoring and logs, which belongs to neither: the one that is switched off must not take it from the other. */
function sharedNamespace(name: string, opts: pulumi.ComponentResourceOptions): pulumi.Resource {
  const monitoring = pulumi.createUrn(name, "ha-kubernetes:index:Monitoring", opts.parent);
  const aliases = [{ parent: monitoring }];
  return monitoringNamespace(name, { ...opts, ...objectOptions(opts.parent, opts), aliases });
}
