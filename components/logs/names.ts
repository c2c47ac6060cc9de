import type { ScrapeTarget } from "../spec/scrapeTarget";
import type { LogsSpec } from "../spec/types";

export const COLLECTOR = "log-collector";

/** Where the collector serves its own metrics; its own default. */
export const COLLECTOR_METRICS_PORT = 8888;

/** Where the collector says that it is alive; its extension's own default. */
export const COLLECTOR_HEALTH_PORT = 13_133;

/** A store of logs: the name of its Service and of its pods, its port, and where it takes lines by OTLP over HTTP. */
export interface LogStore {
  readonly name: string;
  readonly port: number;
  /** Base address of OTLP, to which the collector adds /v1/logs. */
  readonly otlpPath: string;
  /** Headers that it wants. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a line is found by; everything else that is known of it is kept beside it. */
const STREAM_FIELDS = [
  "k8s.namespace.name",
  "k8s.pod.name",
  "k8s.container.name",
  "k8s.node.name",
  "service.name",
];

/**
 * The stores by their names in the config; ports and paths as in each project's own docs.
 *
 * @see https://grafana.com/docs/loki/latest/send-data/otel/
 * @see https://docs.victoriametrics.com/victorialogs/data-ingestion/opentelemetry/
 */
export const LOG_STORES: Record<LogsSpec["store"], LogStore> = {
  loki: { name: "loki", port: 3100, otlpPath: "/otlp", headers: {} },
  victorialogs: {
    name: "victoria-logs",
    port: 9428,
    otlpPath: "/insert/opentelemetry",
    headers: { "VL-Stream-Fields": STREAM_FIELDS.join(",") },
  },
};

/** What Prometheus asks of the logs' parts. */
export function logTargets(logs: LogsSpec, namespace: string): ScrapeTarget[] {
  if (!logs.enabled) return [];
  return [
    { job: COLLECTOR, at: { pods: COLLECTOR, namespace, portName: "metrics" } },
    {
      job: LOG_STORES[logs.store].name,
      at: { pods: LOG_STORES[logs.store].name, namespace, portName: "http" },
    },
  ];
}

/** Where Grafana asks Loki; undefined without it. */
export function lokiAddress({ enabled, store }: LogsSpec, namespace: string): string | undefined {
  const { name, port } = LOG_STORES.loki;
  return enabled && store === "loki" ? `http://${name}.${namespace}.svc:${port}` : undefined;
}
