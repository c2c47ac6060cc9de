import type { ClusterSpec, MysqlEngine } from "./types";

/** Provisioner of volumes on the nodes' own disks. */
export const LOCAL_PATH_IMAGE = "docker.io/rancher/local-path-provisioner:v0.0.30";

/** Where its helper pods find a shell. */
export const LOCAL_PATH_HELPER_IMAGE = "docker.io/library/busybox:1.35.0";

const SIG_STORAGE = "registry.k8s.io/sig-storage";

/** What the chart ceph-csi-rbd 3.17.1 runs (its values.yaml); masters have no part in it. */
export const CEPH_CSI_IMAGES: readonly string[] = [
  "quay.io/cephcsi/cephcsi:v3.17.1",
  `${SIG_STORAGE}/csi-node-driver-registrar:v2.16.0`,
  `${SIG_STORAGE}/csi-provisioner:v6.2.0`,
  `${SIG_STORAGE}/csi-attacher:v4.11.0`,
  `${SIG_STORAGE}/csi-resizer:v2.1.0`,
  `${SIG_STORAGE}/csi-snapshotter:v8.5.0`,
];

/** What the chart csi-driver-nfs 4.13.4 runs (its values.yaml): on every node, and on workers. */
export const NFS_CSI_IMAGES = {
  node: [
    `${SIG_STORAGE}/nfsplugin:v4.13.4`,
    `${SIG_STORAGE}/livenessprobe:v2.19.0`,
    `${SIG_STORAGE}/csi-node-driver-registrar:v2.17.0`,
  ],
  worker: [`${SIG_STORAGE}/csi-provisioner:v6.3.0`, `${SIG_STORAGE}/csi-resizer:v2.2.0`],
} as const;

/** What `kubectl top` and the autoscalers ask. */
export const METRICS_SERVER_IMAGE = "registry.k8s.io/metrics-server/metrics-server:v0.9.0";

export const NODE_EXPORTER_IMAGE = "quay.io/prometheus/node-exporter:v1.12.1";
export const PROMETHEUS_IMAGE = "quay.io/prometheus/prometheus:v3.16.0";
export const ALERTMANAGER_IMAGE = "quay.io/prometheus/alertmanager:v0.28.1";
export const GRAFANA_IMAGE = "docker.io/grafana/grafana:12.4.11";
export const KUBE_STATE_METRICS_IMAGE = "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.15.0";

/** Reads what pods and nodes log. */
export const COLLECTOR_IMAGE = "docker.io/otel/opentelemetry-collector-contrib:0.160.0";

/** The stores of logs. */
export const LOKI_IMAGE = "docker.io/grafana/loki:3.7.8";
export const VICTORIA_LOGS_IMAGE = "docker.io/victoriametrics/victoria-logs:v1.52.1";

/** Version of Velero; its image and its custom resources go by it. */
export const VELERO_VERSION = "1.18.3";
export const VELERO_IMAGE = `docker.io/velero/velero:v${VELERO_VERSION}`;

/** What lets Velero speak to S3; 1.14 is the line that goes with Velero 1.18. */
export const VELERO_AWS_IMAGE = "docker.io/velero/velero-plugin-for-aws:v1.14.3";

/** What the samples serve pages with: nginx's stable branch. */
export const DEFAULT_NGINX_IMAGE = "docker.io/library/nginx:1.28.0";

/** What the database among the samples runs: MySQL's and MariaDB's long-term branches. */
export const DEFAULT_MYSQL_IMAGES: Readonly<Record<MysqlEngine, string>> = {
  mysql: "docker.io/library/mysql:8.4.6",
  mariadb: "docker.io/library/mariadb:10.11.14",
};

/** What of a cluster decides which services run on it. */
export type ServiceInputs = Pick<ClusterSpec, "storage" | "monitoring" | "logs" | "samples" | "backup">;

/** Whether any sample is on. */
export function anySample(samples: ClusterSpec["samples"]): boolean {
  return pageSamples(samples).length > 0 || samples.mysql.enabled;
}

/** Samples that are on and serve pages, by nginx: each its namespace's name. */
export function pageSamples({ webApp, distributedApp, nginxHa }: ClusterSpec["samples"]): string[] {
  return [
    ...(webApp ? ["web-app"] : []),
    ...(distributedApp ? ["distributed-app"] : []),
    ...(nginxHa ? ["nginx-ha"] : []),
  ];
}

/** Images of the services that are on, as exact references: those on every node, and those on workers only. */
export function serviceImages({ storage, monitoring, logs, samples, backup }: ServiceInputs): {
  node: string[];
  worker: string[];
} {
  return {
    node: [
      ...(storage.nfs ? NFS_CSI_IMAGES.node : []),
      ...(monitoring.enabled ? [NODE_EXPORTER_IMAGE] : []),
      ...(logs.enabled ? [COLLECTOR_IMAGE] : []),
    ],
    worker: [
      ...(storage.localPath.enabled ? [LOCAL_PATH_IMAGE, LOCAL_PATH_HELPER_IMAGE] : []),
      ...(storage.ceph ? CEPH_CSI_IMAGES : []),
      ...(storage.nfs ? NFS_CSI_IMAGES.worker : []),
      ...(monitoring.metricsServer ? [METRICS_SERVER_IMAGE] : []),
      ...(monitoring.enabled ? [PROMETHEUS_IMAGE, ALERTMANAGER_IMAGE, KUBE_STATE_METRICS_IMAGE] : []),
      ...(monitoring.enabled && monitoring.grafana ? [GRAFANA_IMAGE] : []),
      ...(logs.enabled ? [logs.store === "loki" ? LOKI_IMAGE : VICTORIA_LOGS_IMAGE] : []),
      ...(pageSamples(samples).length > 0 ? [samples.nginxImage] : []),
      ...(samples.mysql.enabled ? [samples.mysql.image] : []),
      ...(backup ? [VELERO_IMAGE, VELERO_AWS_IMAGE] : []),
    ],
  };
}
