/** Namespace of everything that monitors. */
export const MONITORING_NAMESPACE = "monitoring";

export const PROMETHEUS = "prometheus";
export const ALERTMANAGER = "alertmanager";
export const KUBE_STATE_METRICS = "kube-state-metrics";
export const NODE_EXPORTER = "node-exporter";
export const GRAFANA = "grafana";

/** Ports as in each project's own docs. */
export const PROMETHEUS_PORT = 9090;
export const ALERTMANAGER_PORT = 9093;
export const KUBE_STATE_METRICS_PORT = 8080;
export const NODE_EXPORTER_PORT = 9100;
export const GRAFANA_PORT = 3000;
