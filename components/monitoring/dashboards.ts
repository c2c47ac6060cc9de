import { VELERO } from "../backup/names";
import { isScraped, type ScrapeTarget } from "../spec/scrapeTarget";
import { BACKUPS } from "./backupDashboard";

/** One graph of a dashboard. */
export interface Panel {
  readonly title: string;
  /** Grafana's name of the unit. */
  readonly unit: "percent" | "bytes" | "s" | "short" | "reqps" | "Bps" | "bool";
  /** PromQL. */
  readonly query: string;
  /** What each line is called, with labels in double braces. */
  readonly legend: string;
}

/** A dashboard: its name in addresses, and its graphs in reading order, two a row. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Everything that Grafana shows, of backups where they are scraped; each query is run against the lab's Prometheus in the tests. */
export function dashboards(scrapeTargets: readonly Pick<ScrapeTarget, "job">[]): readonly Dashboard[] {
  return isScraped(VELERO, scrapeTargets) ? [...DASHBOARDS, BACKUPS] : DASHBOARDS;
}

const DASHBOARDS: readonly Dashboard[] = [
  {
    uid: "cluster",
    title: "Cluster",
    panels: [
      {
        title: "Nodes that are Ready",
        unit: "short",
        query: 'sum(kube_node_status_condition{condition="Ready",status="true"})',
        legend: "Ready",
      },
      {
        title: "Targets that are down",
        unit: "short",
        query: "count by (job) (up == 0) or count by (job) (up) * 0",
        legend: "{{job}}",
      },
      {
        title: "Pods by phase",
        unit: "short",
        query: "sum by (phase) (kube_pod_status_phase)",
        legend: "{{phase}}",
      },
      {
        title: "Container restarts in 15 minutes",
        unit: "short",
        query: "sum by (namespace) (increase(kube_pod_container_status_restarts_total[15m]))",
        legend: "{{namespace}}",
      },
      {
        title: "CPU of pods (cores)",
        unit: "short",
        query: 'sum by (namespace) (rate(container_cpu_usage_seconds_total{container!=""}[5m]))',
        legend: "{{namespace}}",
      },
      {
        title: "Memory of pods",
        unit: "bytes",
        query: 'sum by (namespace) (container_memory_working_set_bytes{container!=""})',
        legend: "{{namespace}}",
      },
      {
        title: "CPU requested of what nodes have",
        unit: "percent",
        query:
          '100 * sum by (node) (kube_pod_container_resource_requests{resource="cpu"}) / sum by (node) (kube_node_status_allocatable{resource="cpu"})',
        legend: "{{node}}",
      },
      {
        title: "Volumes, how full",
        unit: "percent",
        query: "100 * kubelet_volume_stats_used_bytes / kubelet_volume_stats_capacity_bytes",
        legend: "{{namespace}}/{{persistentvolumeclaim}}",
      },
    ],
  },
  {
    uid: "nodes",
    title: "Nodes",
    panels: [
      {
        title: "Processors in use",
        unit: "percent",
        query: '100 * (1 - avg by (node) (rate(node_cpu_seconds_total{mode="idle"}[5m])))',
        legend: "{{node}}",
      },
      {
        title: "Memory in use",
        unit: "percent",
        query: "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)",
        legend: "{{node}}",
      },
      { title: "Load of 5 minutes", unit: "short", query: "node_load5", legend: "{{node}}" },
      {
        title: "Disks, bytes read and written",
        unit: "Bps",
        query:
          "sum by (node) (rate(node_disk_read_bytes_total[5m])) + sum by (node) (rate(node_disk_written_bytes_total[5m]))",
        legend: "{{node}}",
      },
      {
        title: "Network, received",
        unit: "Bps",
        query: 'sum by (node) (rate(node_network_receive_bytes_total{device!="lo"}[5m]))',
        legend: "{{node}}",
      },
      {
        title: "Network, sent",
        unit: "Bps",
        query: 'sum by (node) (rate(node_network_transmit_bytes_total{device!="lo"}[5m]))',
        legend: "{{node}}",
      },
      { title: "Pods that run", unit: "short", query: "kubelet_running_pods", legend: "{{node}}" },
      {
        title: "Kubelet certificates, time left",
        unit: "s",
        query: 'min by (node) ({__name__=~"kubelet_certificate_manager_(client|server)_ttl_seconds"})',
        legend: "{{node}}",
      },
    ],
  },
  {
    uid: "etcd",
    title: "etcd",
    panels: [
      {
        title: "Has a leader",
        unit: "bool",
        query: "etcd_server_has_leader",
        legend: "{{instance}}",
      },
      {
        title: "Changes of leader in an hour",
        unit: "short",
        query: "increase(etcd_server_leader_changes_seen_total[1h])",
        legend: "{{instance}}",
      },
      {
        title: "fsync of the log, slowest hundredth",
        unit: "s",
        query:
          "histogram_quantile(0.99, sum by (le, instance) (rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])))",
        legend: "{{instance}}",
      },
      {
        title: "Commit to the disk, slowest hundredth",
        unit: "s",
        query:
          "histogram_quantile(0.99, sum by (le, instance) (rate(etcd_disk_backend_commit_duration_seconds_bucket[5m])))",
        legend: "{{instance}}",
      },
      {
        title: "Database, of its quota",
        unit: "percent",
        query: "100 * etcd_mvcc_db_total_size_in_bytes / etcd_server_quota_backend_bytes",
        legend: "{{instance}}",
      },
      {
        title: "Proposals that wait",
        unit: "short",
        query: "etcd_server_proposals_pending",
        legend: "{{instance}}",
      },
    ],
  },
  {
    uid: "api-server",
    title: "API server",
    panels: [
      {
        title: "Requests by answer",
        unit: "reqps",
        query: "sum by (code) (rate(apiserver_request_total[5m]))",
        legend: "{{code}}",
      },
      {
        title: "Requests by server",
        unit: "reqps",
        query: "sum by (instance) (rate(apiserver_request_total[5m]))",
        legend: "{{instance}}",
      },
      {
        title: "Time of a request, slowest hundredth",
        unit: "s",
        query:
          'histogram_quantile(0.99, sum by (le, verb) (rate(apiserver_request_duration_seconds_bucket{verb!~"WATCH|CONNECT"}[5m])))',
        legend: "{{verb}}",
      },
      {
        title: "Requests in flight",
        unit: "short",
        query: "sum by (instance, request_kind) (apiserver_current_inflight_requests)",
        legend: "{{instance}} {{request_kind}}",
      },
      {
        title: "Work that controllers have waiting",
        unit: "short",
        query: 'topk(10, sum by (name) (workqueue_depth{job="kube-controller-manager"}))',
        legend: "{{name}}",
      },
      {
        title: "Pods that no node takes",
        unit: "short",
        query: "sum by (queue) (scheduler_pending_pods)",
        legend: "{{queue}}",
      },
    ],
  },
  {
    uid: "load-balancer",
    title: "Load balancer",
    panels: [
      {
        title: "Connections now",
        unit: "short",
        query: 'haproxy_frontend_current_sessions{proxy!="observability"}',
        legend: "{{instance}} {{proxy}}",
      },
      {
        title: "New connections",
        unit: "reqps",
        query: 'rate(haproxy_frontend_connections_total{proxy!="observability"}[5m])',
        legend: "{{instance}} {{proxy}}",
      },
      {
        title: "API servers that are up",
        unit: "bool",
        query: 'haproxy_server_status{proxy="apiservers",state="UP"}',
        legend: "{{instance}}: {{server}}",
      },
      {
        title: "Failed checks in an hour",
        unit: "short",
        query: 'increase(haproxy_server_check_failures_total{proxy="apiservers"}[1h])',
        legend: "{{instance}}: {{server}}",
      },
    ],
  },
];

/**
 * A dashboard as Grafana reads it from a file.
 *
 * @see https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
export function dashboardJson({ uid, title, panels }: Dashboard): string {
  return JSON.stringify({
    uid,
    title,
    editable: false,
    schemaVersion: 39,
    timezone: "browser",
    time: { from: "now-6h", to: "now" },
    refresh: "1m",
    panels: panels.map(({ title: panel, unit, query, legend }, i) => ({
      id: i + 1,
      type: "timeseries",
      title: panel,
      datasource: { type: "prometheus", uid: "prometheus" },
      // Grafana's grid is 24 wide.
      gridPos: { x: (i % 2) * 12, y: Math.floor(i / 2) * 8, w: 12, h: 8 },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      targets: [{ refId: "A", expr: query, legendFormat: legend }],
    })),
  });
}
