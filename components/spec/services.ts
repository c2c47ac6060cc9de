import type { ClusterSpec } from "./types";

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

/** What of a cluster decides which services run on it. */
export type ServiceInputs = Pick<ClusterSpec, "storage" | "monitoring" | "logs" | "samples" | "backup">;

/** Whether any sample is on. */
export function anySample({ webApp, distributedApp, nginxHa }: ClusterSpec["samples"]): boolean {
  return webApp || distributedApp || nginxHa;
}

/** Images of the services that are on, as exact references: those on every node, and those on workers only. */
export function serviceImages({ storage, monitoring, logs, samples, backup }: ServiceInputs): {
  node: string[];
  worker: string[];
} {
  return {
    node: [...(monitoring.enabled ? [NODE_EXPORTER_IMAGE] : []), ...(logs.enabled ? [COLLECTOR_IMAGE] : [])],
    worker: [
      ...(storage.localPath.enabled ? [LOCAL_PATH_IMAGE, LOCAL_PATH_HELPER_IMAGE] : []),
      ...(monitoring.metricsServer ? [METRICS_SERVER_IMAGE] : []),
      ...(monitoring.enabled ? [PROMETHEUS_IMAGE, ALERTMANAGER_IMAGE, KUBE_STATE_METRICS_IMAGE] : []),
      ...(monitoring.enabled && monitoring.grafana ? [GRAFANA_IMAGE] : []),
      ...(logs.enabled ? [logs.store === "loki" ? LOKI_IMAGE : VICTORIA_LOGS_IMAGE] : []),
      ...(anySample(samples) ? [samples.nginxImage] : []),
      ...(backup ? [VELERO_IMAGE, VELERO_AWS_IMAGE] : []),
    ],
  };
}
