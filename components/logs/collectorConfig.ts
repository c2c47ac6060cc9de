import { stringify } from "yaml";
import { COLLECTOR, COLLECTOR_HEALTH_PORT, COLLECTOR_METRICS_PORT, type LogStore } from "./names";

/** Where the node's own root lies in the collector's pod. */
export const HOST_ROOT = "/host";

/** Where it notes how far it has read, and keeps what the store does not take yet; on the node, to outlive the pod. */
export const COLLECTOR_STATE = "/var/lib/ha-kubernetes/log-collector";

/** What the collector's configuration is made of. */
export interface CollectorConfigArgs {
  readonly store: LogStore;
  /** Namespace of store and collector. */
  readonly namespace: string;
}

/**
 * Bytes after which a pod's line is given on, and its rest as a record of its own: one more part of the runtime's (16 KiB) still is
 * what Loki takes (max_line_size, 256 KB).
 */
const LONGEST_LINE_BYTES = (256 - 16) * 1024;

/** Nothing is given up while the store is away: files and journal wait where they are. */
const RETRY = { enabled: true, max_elapsed_time: "0s" };

/**
 * The OpenTelemetry Collector's config.yaml: the node's container logs and its journal, each line with what is known of its
 * origin, by OTLP to the store.
 *
 * @see https://opentelemetry.io/docs/collector/configuration/
 */
export function collectorConfig({ store, namespace }: CollectorConfigArgs): string {
  return stringify({
    extensions: {
      health_check: { endpoint: `\${env:POD_IP}:${COLLECTOR_HEALTH_PORT}` },
      file_storage: { directory: COLLECTOR_STATE, create_directory: true },
    },
    receivers: {
      file_log: {
        include: ["/var/log/pods/*/*/*.log"],
        // Upstream's 200 ms look at every file of every pod five times a second.
        poll_interval: "1s",
        // Its own lines about what it can't send would be more to send.
        exclude: [`/var/log/pods/${namespace}_${COLLECTOR}-*/*/*.log`],
        // A line is read once, also one from before the collector came: how far it came is in the storage.
        start_at: "beginning",
        include_file_path: true,
        include_file_name: false,
        storage: "file_storage",
        retry_on_failure: RETRY,
        operators: [
          { type: "container", max_log_size: LONGEST_LINE_BYTES },
          { type: "remove", field: 'attributes["log.file.path"]' },
        ],
      },
      journald: {
        // The node's own journalctl knows the format of the node's journal; the image has none.
        root_path: HOST_ROOT,
        journalctl_path: "/usr/bin/journalctl",
        start_at: "beginning",
        storage: "file_storage",
        retry_on_failure: RETRY,
        operators: [
          {
            type: "severity_parser",
            parse_from: "body.PRIORITY",
            overwrite_text: true,
            // syslog's levels (RFC 5424, 6.2.1).
            mapping: { fatal: ["0", "1", "2"], error: "3", warn: "4", info: ["5", "6"], debug: "7" },
            on_error: "send_quiet",
          },
          {
            type: "move",
            from: "body.SYSLOG_IDENTIFIER",
            to: 'resource["service.name"]',
            on_error: "send_quiet",
          },
          {
            type: "move",
            from: "body._SYSTEMD_UNIT",
            to: 'attributes["systemd.unit"]',
            on_error: "send_quiet",
          },
          { type: "move", from: "body._PID", to: 'attributes["process.pid"]', on_error: "send_quiet" },
          { type: "move", from: "body.MESSAGE", to: "body", on_error: "drop_quiet" },
        ],
      },
    },
    processors: {
      // Four fifths of the pod's limit: above it receivers wait.
      memory_limiter: { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 20 },
      k8s_attributes: {
        // Only the pods of its own node.
        filter: { node_from_env_var: "NODE_NAME" },
        pod_association: [{ sources: [{ from: "resource_attribute", name: "k8s.pod.uid" }] }],
        extract: {
          metadata: ["k8s.deployment.name", "k8s.statefulset.name", "k8s.daemonset.name"],
          labels: [{ tag_name: "service.name", key: "app.kubernetes.io/name", from: "pod" }],
        },
      },
      resource: {
        attributes: [{ key: "k8s.node.name", value: "${env:NODE_NAME}", action: "upsert" }],
      },
    },
    exporters: {
      otlp_http: {
        endpoint: `http://${store.name}.${namespace}.svc:${store.port}${store.otlpPath}`,
        ...(Object.keys(store.headers).length > 0 && { headers: store.headers }),
        compression: "gzip",
        retry_on_failure: RETRY,
        sending_queue: {
          storage: "file_storage",
          block_on_overflow: true,
          sizer: "items",
          // Half an hour of a busy node's 50 lines a second; beyond it the readers wait.
          queue_size: 100_000,
          num_consumers: 2,
          // A quarter of the least that a store takes at once (4 MiB, gRPC's): one that it refused would be tried for ever.
          // A record that is larger would be dropped, with those behind it.
          batch: { flush_timeout: "1s", sizer: "bytes", min_size: 262_144, max_size: 1_048_576 },
        },
      },
    },
    service: {
      extensions: ["health_check", "file_storage"],
      telemetry: {
        logs: { level: "warn", encoding: "json" },
        metrics: {
          readers: [
            { pull: { exporter: { prometheus: { host: "${env:POD_IP}", port: COLLECTOR_METRICS_PORT } } } },
          ],
        },
      },
      pipelines: {
        "logs/pods": {
          receivers: ["file_log"],
          processors: ["memory_limiter", "k8s_attributes", "resource"],
          exporters: ["otlp_http"],
        },
        "logs/journal": {
          receivers: ["journald"],
          processors: ["memory_limiter", "resource"],
          exporters: ["otlp_http"],
        },
      },
    },
  });
}
