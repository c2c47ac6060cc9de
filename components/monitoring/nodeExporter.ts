import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { exceptions } from "../objects/exception";
import { NOBODY, PATIENCE, RESTRICTED } from "../objects/pods";
import { TEXTFILE_FOLDER } from "../host/metrics";
import { NODE_EXPORTER_IMAGE } from "../spec/services";
import { NODE_EXPORTER as NAME, NODE_EXPORTER_PORT } from "./names";

const LABELS = { "app.kubernetes.io/name": NAME };

/** Installs node-exporter on every node: what the kernel counts of processors, memory, disks and network. */
export function nodeExporter(name: string, namespace: string, opts: pulumi.CustomResourceOptions): void {
  new kubernetes.apps.v1.DaemonSet(
    `${name}-node-exporter`,
    {
      // A node that is down must not hold up the rest: that it is not scraped is an alert.
      metadata: {
        name: NAME,
        namespace,
        labels: LABELS,
        annotations: {
          "pulumi.com/skipAwait": "true",
          ...exceptions({
            "no-host-path": "how full the node's disks are is seen on them only; it reads",
            "no-host-namespace": "the node's own interfaces and processes are what it tells of",
          }),
        },
      },
      spec: {
        selector: { matchLabels: LABELS },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
        template: { metadata: { labels: LABELS }, spec: POD },
      },
    },
    opts,
  );
}

const probe = { httpGet: { path: "/", port: "http" }, periodSeconds: 10 };

const POD: types.input.core.v1.PodSpec = {
  automountServiceAccountToken: false,
  priorityClassName: "system-node-critical",
  hostNetwork: true,
  hostPID: true,
  tolerations: [{ operator: "Exists" }],
  containers: [
    {
      name: NAME,
      image: NODE_EXPORTER_IMAGE,
      imagePullPolicy: "IfNotPresent",
      args: [
        "--path.rootfs=/host/root",
        `--collector.textfile.directory=/host/root${TEXTFILE_FOLDER}`,
        `--web.listen-address=$(HOST_ADDRESS):${NODE_EXPORTER_PORT}`,
        // Mounts and interfaces of pods come and go, each a series of its own.
        "--collector.filesystem.mount-points-exclude=^/(dev|proc|run|sys|var/lib/(kubelet|containerd)/.+)($|/)",
        "--collector.netclass.ignored-devices=^(veth.*|cali.*|kube-.*)$",
        "--collector.netdev.device-exclude=^(veth.*|cali.*|kube-.*)$",
      ],
      env: [{ name: "HOST_ADDRESS", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } }],
      ports: [{ name: "http", containerPort: NODE_EXPORTER_PORT, hostPort: NODE_EXPORTER_PORT }],
      // Upstream's own (kube-prometheus, node-exporter): it must not disturb what it measures.
      resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "180Mi" } },
      readinessProbe: probe,
      livenessProbe: { ...probe, ...PATIENCE },
      securityContext: { ...RESTRICTED, runAsUser: NOBODY },
      volumeMounts: [
        { name: "root", mountPath: "/host/root", readOnly: true, mountPropagation: "HostToContainer" },
      ],
    },
  ],
  volumes: [{ name: "root", hostPath: { path: "/" } }],
};
