import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { clusterAccount } from "../objects/account";
import { exceptions } from "../objects/exception";
import { fingerprint } from "../objects/fingerprint";
import { PATIENCE } from "../objects/pods";
import { COLLECTOR_IMAGE } from "../spec/services";
import { collectorConfig, COLLECTOR_STATE, HOST_ROOT } from "./collectorConfig";
import { COLLECTOR as NAME, COLLECTOR_HEALTH_PORT, COLLECTOR_METRICS_PORT, type LogStore } from "./names";

const LABELS = { "app.kubernetes.io/name": NAME };

/** Installs the OpenTelemetry Collector on every node: it reads what pods and the node itself log, and sends it to the store. */
export function collector(
  name: string,
  namespace: string,
  store: LogStore,
  opts: pulumi.CustomResourceOptions,
): void {
  const { core, apps } = kubernetes;
  const metadata = { name: NAME, namespace, labels: LABELS };
  const config = collectorConfig({ store, namespace });
  const configMap = new core.v1.ConfigMap(
    `${name}-collector`,
    { metadata, data: { "config.yaml": config } },
    opts,
  );
  new apps.v1.DaemonSet(
    `${name}-collector`,
    {
      metadata: {
        ...metadata,
        annotations: {
          // A node that is down must not hold up the rest.
          "pulumi.com/skipAwait": "true",
          ...exceptions({
            "no-host-path": "the logs of pods and the journal are files of the node; it reads",
          }),
        },
      },
      spec: {
        selector: { matchLabels: LABELS },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
        template: {
          metadata: { labels: LABELS, annotations: { "ha-kubernetes/config": fingerprint(config) } },
          spec: POD,
        },
      },
    },
    { ...opts, dependsOn: [configMap, ...clusterAccount(`${name}-collector`, metadata, RULES, opts)] },
  );
}

/** Whose pod wrote a line (k8sattributesprocessor's README, "Role-based access control"). */
const RULES: types.input.rbac.v1.PolicyRule[] = [
  { apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["apps"], resources: ["replicasets"], verbs: ["get", "list", "watch"] },
];

const health = { httpGet: { path: "/", port: "health" }, periodSeconds: 10 };

const POD: types.input.core.v1.PodSpec = {
  serviceAccountName: NAME,
  priorityClassName: "system-node-critical",
  tolerations: [{ operator: "Exists" }],
  containers: [
    {
      name: NAME,
      image: COLLECTOR_IMAGE,
      imagePullPolicy: "IfNotPresent",
      args: ["--config=/etc/log-collector/config.yaml"],
      env: [
        { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
        { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        // The runtime frees memory before the kernel ends it.
        { name: "GOMEMLIMIT", value: "200MiB" },
      ],
      ports: [
        { name: "metrics", containerPort: COLLECTOR_METRICS_PORT },
        { name: "health", containerPort: COLLECTOR_HEALTH_PORT },
      ],
      resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "256Mi" } },
      readinessProbe: health,
      livenessProbe: { ...health, ...PATIENCE },
      securityContext: {
        // Logs belong to root and to the journal's group, and the node's journalctl runs below the node's root.
        runAsUser: 0,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH", "SYS_CHROOT"] },
        seccompProfile: { type: "RuntimeDefault" },
      },
      volumeMounts: [
        { name: "config", mountPath: "/etc/log-collector", readOnly: true },
        { name: "root", mountPath: HOST_ROOT, readOnly: true, mountPropagation: "HostToContainer" },
        { name: "logs", mountPath: "/var/log/pods", readOnly: true },
        { name: "state", mountPath: COLLECTOR_STATE },
      ],
    },
  ],
  volumes: [
    { name: "config", configMap: { name: NAME } },
    { name: "root", hostPath: { path: "/" } },
    { name: "logs", hostPath: { path: "/var/log/pods" } },
    { name: "state", hostPath: { path: COLLECTOR_STATE, type: "DirectoryOrCreate" } },
  ],
};
