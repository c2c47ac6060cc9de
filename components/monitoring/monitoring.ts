import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectOptions } from "../objects/objectOptions";
import type { MonitoringSpec } from "../spec/types";
import { alertmanager } from "./alertmanager";
import { grafana } from "./grafana";
import { kubeStateMetrics } from "./kubeStateMetrics";
import { MONITORING_NAMESPACE } from "./names";
import { nodeExporter } from "./nodeExporter";
import { prometheus } from "./prometheus";
import type { ScrapeTarget } from "../spec/scrapeTarget";

/** Arguments of {@link Monitoring}. */
export interface MonitoringArgs {
  /** How often is scraped, how much is kept. */
  monitoring: MonitoringSpec;
  /** What the host parts serve beside the cluster's own parts. */
  scrapeTargets: ScrapeTarget[];
  /** What the secret config keys hold that `monitoring.receivers` names. */
  receiverSecrets?: Record<string, pulumi.Input<string>>;
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
    const { monitoring, scrapeTargets, receiverSecrets = {}, volumeClass, after = [] } = args;
    const { receivers } = monitoring;
    const namespace = MONITORING_NAMESPACE;
    const child = objectOptions(this, opts);
    const space = new kubernetes.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: namespace,
          // node-exporter looks at the host.
          labels: { "pod-security.kubernetes.io/enforce": "privileged" },
        },
      },
      child,
    );
    const inside = { ...child, dependsOn: [space] };
    nodeExporter(name, namespace, inside);
    const within = { namespace, volumeClass, after: [space, ...after] };
    const dashboards = monitoring.grafana ? grafana(name, namespace, inside) : undefined;
    this.grafanaPassword = dashboards?.password;
    this.ready = [
      kubeStateMetrics(name, namespace, inside),
      alertmanager(name, { ...within, receivers, receiverSecrets }, inside),
      prometheus(name, { ...within, monitoring, scrapeTargets }, inside),
      ...(dashboards ? [dashboards.ready] : []),
    ];
    this.registerOutputs();
  }
}
