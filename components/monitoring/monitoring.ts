import * as pulumi from "@pulumi/pulumi";
import { objectOptions } from "../objects/objectOptions";
import type { NamedSecrets } from "../objects/secrets";
import type { MonitoringSpec } from "../spec/types";
import { alertmanager } from "./alertmanager";
import { grafana } from "./grafana";
import { kubeStateMetrics } from "./kubeStateMetrics";
import { MONITORING_NAMESPACE } from "./names";
import { monitoringNamespace } from "./namespace";
import { nodeExporter } from "./nodeExporter";
import { prometheus } from "./prometheus";
import type { ScrapeTarget } from "../spec/scrapeTarget";

/** Arguments of {@link Monitoring}. */
export interface MonitoringArgs {
  /** How often is scraped, how much is kept. */
  monitoring: MonitoringSpec;
  /** What is served beside the cluster's own parts; alerts and dashboards of logs and backups come with their targets. */
  scrapeTargets: ScrapeTarget[];
  /** What the secret config keys hold that `monitoring.receivers` names. */
  secrets?: NamedSecrets;
  /** Address of Loki, for Grafana; absent: there is none. */
  loki?: string;
  /** Namespace `monitoring`, if it is there already; made by default. */
  namespace?: pulumi.Resource;
  /** Class of its volumes; by default the cluster's default class. */
  volumeClass?: string;
  /** What must stand before: nodes, and volumes of that class. */
  after?: pulumi.Resource[];
}

/** Prometheus, Alertmanager and what they ask, in namespace `monitoring` (give the provider in the options). */
export class Monitoring extends pulumi.ComponentResource {
  /** What to depend on for metrics that are kept and alerts that are sent. */
  readonly ready: pulumi.Resource[];
  /** Password of Grafana's user "admin"; secret, undefined without Grafana. */
  readonly grafanaPassword: pulumi.Output<string> | undefined;

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:Monitoring", name, {}, opts);
    const { monitoring, scrapeTargets, secrets, volumeClass, after = [] } = args;
    const { receivers } = monitoring;
    const namespace = MONITORING_NAMESPACE;
    const child = objectOptions(this, opts);
    const space = args.namespace ?? monitoringNamespace(name, child);
    const inside = { ...child, dependsOn: [space] };
    nodeExporter(name, namespace, inside);
    const within = { namespace, volumeClass, after: [space, ...after] };
    const dashboards = monitoring.grafana
      ? grafana(name, { namespace, scrapeTargets, loki: args.loki }, inside)
      : undefined;
    this.grafanaPassword = dashboards?.password;
    this.ready = [
      kubeStateMetrics(name, { namespace, maxNodes: monitoring.maxNodes }, inside),
      alertmanager(name, { ...within, receivers, secrets }, inside),
      prometheus(name, { ...within, monitoring, scrapeTargets }, inside),
      ...(dashboards ? [dashboards.ready] : []),
    ];
    this.registerOutputs();
  }
}
