import { stringify } from "yaml";
import { ALERTMANAGER, KUBE_STATE_METRICS, NODE_EXPORTER, NODE_EXPORTER_PORT, PROMETHEUS } from "./names";
import { API_SERVER_PORT } from "../loadbalancer/haproxy";
import type { NodePort, ScrapeTarget } from "../spec/scrapeTarget";

/** What Prometheus' configuration is made of. */
export interface PrometheusConfigArgs {
  /** Seconds between two scrapes of a target, and between two looks at the rules. */
  readonly scrapeIntervalSeconds: number;
  /** Namespace of everything that monitors. */
  readonly namespace: string;
  /** What is scraped beside the cluster's own parts. */
  readonly scrapeTargets: readonly ScrapeTarget[];
}

/** Where the files of a service account lie in a pod. */
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** A certificate of the cluster's CA, and the scraper's own token: the kubelets, the API servers and their neighbours. */
const AS_ACCOUNT = {
  scheme: "https",
  authorization: { credentials_file: `${ACCOUNT}/token` },
  tls_config: { ca_file: `${ACCOUNT}/ca.crt` },
};

const ADDRESS = "__address__";
const NODE_ADDRESS = "__meta_kubernetes_node_address_InternalIP";
const NODE_NAME = "__meta_kubernetes_node_name";
const CONTROL_PLANE = "__meta_kubernetes_node_labelpresent_node_role_kubernetes_io_control_plane";

/**
 * prometheus.yml: every part of the cluster, and what the hosts add.
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function prometheusConfig(args: PrometheusConfigArgs): string {
  const { namespace, scrapeIntervalSeconds: seconds } = args;
  return stringify({
    global: {
      scrape_interval: `${seconds}s`,
      // What tells of all objects of a large cluster takes longer than the default of 10 s; it may not be longer than the interval.
      scrape_timeout: `${Math.min(30, seconds)}s`,
      evaluation_interval: `${seconds}s`,
      // Filled in by Prometheus from its environment.
      external_labels: { replica: "$POD_NAME" },
    },
    rule_files: ["/etc/prometheus/rules/*.yaml"],
    alerting: {
      // Both replicas find an alert: Alertmanager takes them for one, if only the replica's label is gone.
      alert_relabel_configs: [{ action: "labeldrop", regex: "replica" }],
      alertmanagers: [{ ...pods(namespace), relabel_configs: keepPods(ALERTMANAGER, "web") }],
    },
    scrape_configs: [
      podJob(PROMETHEUS, namespace, "web"),
      podJob(ALERTMANAGER, namespace, "web"),
      {
        ...podJob(KUBE_STATE_METRICS, namespace, "http"),
        // Its series are about other pods: their namespace and name are not the exporter's.
        honor_labels: true,
      },
      podJob("coredns", "kube-system", "metrics", { "k8s-app": "kube-dns" }),
      // Not by the endpoints of its Service, from which the others strike out one that is down.
      nodeJob("apiserver", { port: API_SERVER_PORT, nodes: "control-plane", tls: true }),
      kubelet("kubelet", "/metrics"),
      kubelet("cadvisor", "/metrics/cadvisor"),
      nodeJob(NODE_EXPORTER, { port: NODE_EXPORTER_PORT, nodes: "all" }),
      nodeJob("kube-proxy", { port: 10249, nodes: "all" }),
      nodeJob("kube-scheduler", { port: 10259, nodes: "control-plane", tls: true }),
      nodeJob("kube-controller-manager", { port: 10257, nodes: "control-plane", tls: true }),
      ...hostJobs(args.scrapeTargets),
      ...args.scrapeTargets.flatMap(({ job, at }) => {
        if ("hosts" in at) return [];
        return "pods" in at ? podJob(job, at.namespace, at.portName) : nodeJob(job, at);
      }),
    ],
  });
}

/** Hosts that are no nodes, each under its name; a job may be asked of them and of nodes, so its section has a name of its own. */
function hostJobs(targets: readonly ScrapeTarget[]) {
  const jobs = new Map<string, object[]>();
  for (const { job, at } of targets) {
    if (!("hosts" in at)) continue;
    const each = Object.entries(at.hosts).map(([node, address]) => ({
      targets: [address],
      labels: { job, node },
    }));
    jobs.set(job, [...(jobs.get(job) ?? []), ...each]);
  }
  return [...jobs].map(([job, static_configs]) => ({ job_name: `${job}-hosts`, static_configs }));
}

/** A port of every node's address; `node` says which one, as a person does. */
function nodeJob(job: string, { port, nodes, tls }: NodePort) {
  return {
    job_name: job,
    ...(tls === true && AS_ACCOUNT),
    kubernetes_sd_configs: [{ role: "node" }],
    relabel_configs: [
      ...(nodes === "control-plane" ? [keep(CONTROL_PLANE, "true")] : []),
      { source_labels: [NODE_ADDRESS], target_label: ADDRESS, replacement: `$1:${port}` },
      copy(NODE_NAME, "node"),
    ],
  };
}

/** The kubelet's own port is what the list of nodes gives. */
function kubelet(job: string, path: string) {
  return {
    job_name: job,
    metrics_path: path,
    ...AS_ACCOUNT,
    kubernetes_sd_configs: [{ role: "node" }],
    relabel_configs: [copy(NODE_NAME, "node")],
  };
}

/** Every pod of a name, at a named port. */
function podJob(job: string, namespace: string, port: string, labels?: Record<string, string>) {
  return { job_name: job, ...pods(namespace), relabel_configs: keepPods(job, port, labels) };
}

function pods(namespace: string) {
  return { kubernetes_sd_configs: [{ role: "pod", namespaces: { names: [namespace] } }] };
}

function keepPods(
  name: string,
  port: string,
  labels: Record<string, string> = { "app.kubernetes.io/name": name },
) {
  return [
    ...Object.entries(labels).map(([label, value]) =>
      keep(`__meta_kubernetes_pod_label_${label.replace(/[^\w]/g, "_")}`, value),
    ),
    keep("__meta_kubernetes_pod_container_port_name", port),
    copy("__meta_kubernetes_pod_name", "pod"),
    copy("__meta_kubernetes_pod_node_name", "node"),
  ];
}

function keep(label: string, value: string) {
  return { action: "keep", source_labels: [label], regex: value };
}

function copy(from: string, to: string) {
  return { source_labels: [from], target_label: to };
}
