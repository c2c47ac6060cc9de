import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { exceptions } from "../objects/exception";
import { fingerprint } from "../objects/fingerprint";
import { OFF_MASTERS, RESTRICTED } from "../objects/pods";
import { VELERO_IMAGE } from "../spec/services";
import { BACKUP_NAMESPACE, NODE_AGENT as NAME, VELERO } from "./names";
import { COPIER_RESOURCES, PROBES, WRITABLE, WRITABLE_VOLUMES } from "./pods";

/** The server knows its agents by their role (pkg/nodeagent/node_agent.go). */
const LABELS = { "app.kubernetes.io/name": NAME, role: NAME };

/** How much a pod may take that copies a volume. */
const CONFIG = { podResources: COPIER_RESOURCES };

/**
 * Installs the agent on every worker: it finds the volumes of a pod there, and starts a pod that copies each. Masters run
 * nothing that has volumes.
 */
export function nodeAgent(
  name: string,
  after: pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const metadata = { name: NAME, namespace: BACKUP_NAMESPACE, labels: LABELS };
  const config = new kubernetes.core.v1.ConfigMap(
    `${name}-node-agent`,
    { metadata, data: { "config.json": JSON.stringify(CONFIG) } },
    { ...opts, dependsOn: after },
  );
  return new kubernetes.apps.v1.DaemonSet(
    `${name}-node-agent`,
    {
      metadata: {
        ...metadata,
        annotations: {
          // A node that is down must not hold up the rest: that its agent is not scraped is an alert.
          "pulumi.com/skipAwait": "true",
          ...exceptions({ "no-host-path": "volumes of any kind are read where their node mounts them" }),
        },
      },
      spec: {
        selector: { matchLabels: LABELS },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
        template: {
          metadata: { labels: LABELS, annotations: { "ha-kubernetes/config": fingerprint(CONFIG) } },
          spec: POD,
        },
      },
    },
    { ...opts, dependsOn: [config, ...after] },
  );
}

const { runAsNonRoot: _, ...ROOT } = RESTRICTED;

const POD: types.input.core.v1.PodSpec = {
  serviceAccountName: VELERO,
  // A worker that is full has volumes too.
  priorityClassName: "system-node-critical",
  // Volumes on a tainted worker are saved too. Masters run no workload that has any.
  tolerations: [{ operator: "Exists" }],
  affinity: OFF_MASTERS,
  containers: [
    {
      name: NAME,
      image: VELERO_IMAGE,
      imagePullPolicy: "IfNotPresent",
      command: ["/velero"],
      args: ["node-agent", "server", `--node-agent-configmap=${NAME}`],
      env: [{ name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }, ...WRITABLE.env],
      ...PROBES,
      // Upstream sets none. It holds the list of all copied volumes of the backups that are kept, some kilobytes each.
      resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "512Mi" } },
      // The kubelet's folders are root's alone; beyond that it has no rights, and copies nothing itself.
      securityContext: { ...ROOT, runAsUser: 0 },
      volumeMounts: [
        ...WRITABLE.mounts,
        {
          name: "host-pods",
          mountPath: "/host_pods",
          readOnly: true,
          // Volumes that are mounted later are seen too.
          mountPropagation: "HostToContainer",
        },
      ],
    },
  ],
  volumes: [...WRITABLE_VOLUMES, { name: "host-pods", hostPath: { path: "/var/lib/kubelet/pods" } }],
};
