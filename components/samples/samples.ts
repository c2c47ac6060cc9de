import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectOptions } from "../objects/objectOptions";
import { apartByHost, spreadOverHosts } from "../objects/pods";
import type { SamplesSpec } from "../spec/types";
import { mysqlSample } from "./mysql";
import { webSample } from "./webSample";

/** Arguments of {@link Samples}. */
export interface SamplesArgs {
  /** Which samples there are, and their images. */
  samples: SamplesSpec;
  /** What must stand before: nodes and volumes. */
  after?: pulumi.Resource[];
  /** What the autoscaler asks, which alone waits for it. */
  measured?: pulumi.Resource[];
}

const named = (name: string) => ({ "app.kubernetes.io/name": name });

/** Workloads as they should be built to stay up; they double as probes of availability (give the provider in the options). */
export class Samples extends pulumi.ComponentResource {
  /** What to depend on for samples that serve. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: SamplesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:Samples", name, {}, opts);
    const { samples, after = [], measured = [] } = args;
    const common = { image: samples.nginxImage, after };
    const child = objectOptions(this, opts);
    this.ready = [
      ...(samples.webApp ? [webApp(name, common, child)] : []),
      ...(samples.distributedApp ? [distributedApp(name, common, child)] : []),
      ...(samples.nginxHa ? [nginxHa(name, { ...common, measured }, child)] : []),
      ...(samples.mysql.enabled ? mysqlSample(name, { mysql: samples.mysql, after }, child) : []),
    ];
    this.registerOutputs();
  }
}

interface Common {
  readonly image: string;
  readonly after: pulumi.Resource[];
}

/** Three replicas on three hosts, never two together: a rollout ends one before it begins another, as there is no fourth host. */
function webApp(name: string, common: Common, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const sample = "web-app";
  return webSample(
    name,
    {
      ...common,
      sample,
      replicas: 3,
      strategy: { maxSurge: 0, maxUnavailable: 1 },
      placement: { affinity: apartByHost(named(sample)) },
      disruption: { minAvailable: 2 },
    },
    opts,
  );
}

/** Six replicas, evenly over the hosts and, where there are any, over the zones. */
function distributedApp(name: string, common: Common, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const sample = "distributed-app";
  // Pods of the old rollout are on their way out: counted with the new ones, they would leave those uneven.
  const ofOneRollout = {
    labelSelector: { matchLabels: named(sample) },
    matchLabelKeys: ["pod-template-hash"],
  };
  return webSample(
    name,
    {
      ...common,
      sample,
      replicas: 6,
      strategy: { maxSurge: 1, maxUnavailable: 1 },
      placement: {
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "DoNotSchedule",
            // A cordoned node takes no pod, and would count as an empty one: nothing could be placed during a drain.
            nodeTaintsPolicy: "Honor",
            ...ofOneRollout,
          },
          {
            maxSkew: 1,
            topologyKey: "topology.kubernetes.io/zone",
            whenUnsatisfiable: "ScheduleAnyway",
            ...ofOneRollout,
          },
        ],
      },
      disruption: { maxUnavailable: 1 },
    },
    opts,
  );
}

/** Three to ten replicas by what they use; a client stays with its replica for three hours. */
function nginxHa(
  name: string,
  { measured, ...common }: Common & { readonly measured: pulumi.Resource[] },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const sample = "nginx-ha";
  const deployment = webSample(
    name,
    {
      ...common,
      sample,
      replicas: 3,
      scaled: true,
      strategy: { maxSurge: 1, maxUnavailable: 0 },
      placement: { affinity: spreadOverHosts(named(sample)) },
      disruption: { minAvailable: 2 },
      service: {
        type: "ClusterIP",
        sessionAffinity: "ClientIP",
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
      },
    },
    opts,
  );
  const usage = (resource: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name: resource, target: { type: "Utilization", averageUtilization } },
  });
  return new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
    `${name}-${sample}`,
    {
      metadata: { name: sample, namespace: sample, labels: named(sample) },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: sample },
        minReplicas: 3,
        maxReplicas: 10,
        metrics: [usage("cpu", 70), usage("memory", 80)],
        behavior: {
          scaleDown: {
            stabilizationWindowSeconds: 300,
            policies: [{ type: "Percent", value: 50, periodSeconds: 60 }],
          },
          scaleUp: {
            stabilizationWindowSeconds: 0,
            policies: [
              { type: "Percent", value: 100, periodSeconds: 30 },
              { type: "Pods", value: 2, periodSeconds: 30 },
            ],
            selectPolicy: "Max",
          },
        },
      },
    },
    { ...opts, dependsOn: [deployment, ...measured] },
  );
}
