import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { clusterAccount } from "../objects/account";
import { exceptions } from "../objects/exception";
import { NOBODY, PATIENCE, RESTRICTED } from "../objects/pods";
import { KUBE_STATE_METRICS_IMAGE } from "../spec/services";
import { KUBE_STATE_METRICS as NAME, KUBE_STATE_METRICS_PORT } from "./names";

const LABELS = { "app.kubernetes.io/name": NAME };

/** What it tells of, by API group: what alerts and dashboards ask for. Secrets and ConfigMaps are not among it. */
const RESOURCES: Record<string, string[]> = {
  "": ["namespaces", "nodes", "persistentvolumeclaims", "persistentvolumes", "pods", "services"],
  apps: ["daemonsets", "deployments", "replicasets", "statefulsets"],
  autoscaling: ["horizontalpodautoscalers"],
  batch: ["cronjobs", "jobs"],
  policy: ["poddisruptionbudgets"],
};

/** Installs kube-state-metrics: what the API says of the cluster's objects. One is enough, as it keeps nothing. */
export function kubeStateMetrics(
  name: string,
  { namespace, maxNodes }: { namespace: string; maxNodes: number },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const metadata = { name: NAME, namespace, labels: LABELS };
  const rules = Object.entries(RESOURCES).map(([group, resources]) => ({
    apiGroups: [group],
    resources,
    verbs: ["list", "watch"],
  }));
  const account = clusterAccount(`${name}-kube-state-metrics`, metadata, rules, opts);
  return new kubernetes.apps.v1.Deployment(
    `${name}-kube-state-metrics`,
    {
      metadata: {
        ...metadata,
        annotations: exceptions({
          "more-than-one-replica": "it keeps nothing, and two would count every object twice",
        }),
      },
      spec: {
        replicas: 1,
        selector: { matchLabels: LABELS },
        template: { metadata: { labels: LABELS }, spec: pod(512 + 4 * Math.max(0, maxNodes - 100)) },
      },
    },
    { ...opts, dependsOn: account },
  );
}

const pod = (memoryMiB: number): types.input.core.v1.PodSpec => ({
  serviceAccountName: NAME,
  priorityClassName: "system-cluster-critical",
  containers: [
    {
      name: NAME,
      image: KUBE_STATE_METRICS_IMAGE,
      imagePullPolicy: "IfNotPresent",
      args: [`--port=${KUBE_STATE_METRICS_PORT}`, `--resources=${Object.values(RESOURCES).flat().join(",")}`],
      ports: [
        { name: "http", containerPort: KUBE_STATE_METRICS_PORT },
        { name: "telemetry", containerPort: 8081 },
      ],
      // 512 MiB for 100 nodes, twice of upstream's (its README, "Resource recommendation"); 110 pods of each more node are some 30 KB each.
      resources: {
        requests: { cpu: "50m", memory: `${memoryMiB / 4}Mi` },
        limits: { memory: `${memoryMiB}Mi` },
      },
      livenessProbe: { httpGet: { path: "/livez", port: "http" }, ...PATIENCE },
      readinessProbe: { httpGet: { path: "/readyz", port: "telemetry" }, periodSeconds: 5 },
      securityContext: { ...RESTRICTED, runAsUser: NOBODY },
    },
  ],
});
