import type { ClusterSpec, MysqlEngine } from "./types";

/** Provisioner of volumes on the nodes' own disks. */
export const LOCAL_PATH_IMAGE = "docker.io/rancher/local-path-provisioner:v0.0.30";

/** Where its helper pods find a shell. */
export const LOCAL_PATH_HELPER_IMAGE = "docker.io/library/busybox:1.35.0";

/** What `kubectl top` and the autoscalers ask. */
export const METRICS_SERVER_IMAGE = "registry.k8s.io/metrics-server/metrics-server:v0.9.0";

export const NODE_EXPORTER_IMAGE = "quay.io/prometheus/node-exporter:v1.12.1";
export const PROMETHEUS_IMAGE = "quay.io/prometheus/prometheus:v3.16.0";
export const ALERTMANAGER_IMAGE = "quay.io/prometheus/alertmanager:v0.28.1";
export const GRAFANA_IMAGE = "docker.io/grafana/grafana:12.4.0";
export const KUBE_STATE_METRICS_IMAGE = "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.15.0";

/** What the samples serve pages with: nginx's stable branch. */
export const DEFAULT_NGINX_IMAGE = "docker.io/library/nginx:1.28.0";

/** What the database among the samples runs: MySQL's and MariaDB's long-term branches. */
export const DEFAULT_MYSQL_IMAGES: Readonly<Record<MysqlEngine, string>> = {
  mysql: "docker.io/library/mysql:8.4.6",
  mariadb: "docker.io/library/mariadb:10.11.14",
};

/** What of a cluster decides which services run on it. */
export type ServiceInputs = Pick<ClusterSpec, "storage" | "monitoring" | "samples">;

/** Whether any sample is on. */
export function anySample(samples: ClusterSpec["samples"]): boolean {
  return servesPages(samples) || samples.mysql.enabled;
}

/** Whether any sample runs nginx. */
function servesPages({ webApp, distributedApp, nginxHa }: ClusterSpec["samples"]): boolean {
  return webApp || distributedApp || nginxHa;
}

/** Images of the services that are on, as exact references: those on every node, and those on workers only. */
export function serviceImages({ storage, monitoring, samples }: ServiceInputs): {
  node: string[];
  worker: string[];
} {
  return {
    node: monitoring.enabled ? [NODE_EXPORTER_IMAGE] : [],
    worker: [
      ...(storage.localPath.enabled ? [LOCAL_PATH_IMAGE, LOCAL_PATH_HELPER_IMAGE] : []),
      ...(monitoring.metricsServer ? [METRICS_SERVER_IMAGE] : []),
      ...(monitoring.enabled ? [PROMETHEUS_IMAGE, ALERTMANAGER_IMAGE, KUBE_STATE_METRICS_IMAGE] : []),
      ...(monitoring.enabled && monitoring.grafana ? [GRAFANA_IMAGE] : []),
      ...(servesPages(samples) ? [samples.nginxImage] : []),
      ...(samples.mysql.enabled ? [samples.mysql.image] : []),
    ],
  };
}
