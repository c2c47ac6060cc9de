import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { LOKI_IMAGE } from "../spec/services";
import type { LogsSpec } from "../spec/types";
import { LOG_STORES } from "./names";
import { store, type StoreArgs } from "./store";

/** The image's own user (its Dockerfile). */
const USER = 10_001;

/** Where the replicas find each other; its own default. */
const GOSSIP_PORT = 7946;

const { name: NAME, port: PORT } = LOG_STORES.loki;
const PEERS = `${NAME}-peers`;

/** Every line is kept by all of them, so one may be lost (Loki's docs, "replication factor"). */
const REPLICAS_WITH_S3 = 3;

/** Largest message between its parts, in MiB: the largest push that it may take at once. */
const MESSAGE_MIB = 64;

/**
 * Most that is taken, in MB a second: ten times what the 500 nodes of the large profile write on average, 500 MiB a day each. What
 * comes faster waits at the collectors.
 */
const RATE_MB = 30;

/** Installs Loki: one replica on a volume, or three that share an object store. */
export function loki(name: string, args: StoreArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const { core } = kubernetes;
  const { namespace, logs } = args;
  const labels = { "app.kubernetes.io/name": NAME };
  const config = lokiConfig(logs, namespace);
  const configMap = new core.v1.ConfigMap(
    `${name}-loki`,
    { metadata: { name: NAME, namespace, labels }, data: { "config.yaml": config } },
    opts,
  );
  const peers = new core.v1.Service(
    `${name}-loki-peers`,
    {
      metadata: { name: PEERS, namespace, labels, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        selector: labels,
        clusterIP: "None",
        // They find each other before they are ready.
        publishNotReadyAddresses: true,
        ports: [{ name: "gossip", port: GOSSIP_PORT }],
      },
    },
    opts,
  );
  return store(
    name,
    {
      ...args,
      after: [...args.after, configMap, peers],
      store: LOG_STORES.loki,
      user: USER,
      replicas: logs.s3 === undefined ? 1 : REPLICAS_WITH_S3,
      config,
      readyPath: "/ready",
      container: {
        image: LOKI_IMAGE,
        args: ["-config.file=/etc/loki/config.yaml", "-target=all"],
        // The runtime frees memory before the kernel ends it.
        env: [{ name: "GOMEMLIMIT", value: `${Math.floor(logs.memoryGiB * 1024 * 0.9)}MiB` }],
        volumeMounts: [{ name: "config", mountPath: "/etc/loki", readOnly: true }],
      },
      volumes: [{ name: "config", configMap: { name: NAME } }],
    },
    opts,
  );
}

/**
 * Loki's config.yaml.
 *
 * @see https://grafana.com/docs/loki/latest/configure/
 */
export function lokiConfig(
  logs: Pick<LogsSpec, "retentionDays" | "memoryGiB" | "s3">,
  namespace: string,
): string {
  const { s3, retentionDays, memoryGiB } = logs;
  const objectStore = s3 === undefined ? "filesystem" : "s3";
  const shared = s3 !== undefined;
  return stringify({
    // One tenant: the cluster.
    auth_enabled: false,
    server: {
      http_listen_port: PORT,
      log_level: "warn",
      // A query may take a minute (query_timeout), and was cut at half of it.
      http_server_read_timeout: "2m",
      http_server_write_timeout: "2m",
      // Lines go from distributor to ingester unpacked, and a message that is too large would be tried again for ever.
      grpc_server_max_recv_msg_size: MESSAGE_MIB * 2 ** 20,
      grpc_server_max_send_msg_size: MESSAGE_MIB * 2 ** 20,
    },
    common: {
      path_prefix: "/data",
      replication_factor: shared ? REPLICAS_WITH_S3 : 1,
      ring: { kvstore: { store: shared ? "memberlist" : "inmemory" } },
      storage:
        s3 === undefined
          ? { filesystem: { chunks_directory: "/data/chunks", rules_directory: "/data/rules" } }
          : {
              s3: {
                bucketnames: s3.bucket,
                region: s3.region,
                ...(s3.url !== undefined && {
                  endpoint: s3.url,
                  s3forcepathstyle: true,
                  insecure: s3.url.startsWith("http://"),
                }),
              },
            },
    },
    ...(shared && {
      memberlist: {
        // Every address of the name, and again: after a longer cut nobody else would ask the other side.
        join_members: [`dns+${PEERS}.${namespace}.svc:${GOSSIP_PORT}`],
        rejoin_interval: "1m",
      },
    }),
    ingester: {
      // One that starts must not wait for another that is lost: with it there are the two that writes need.
      lifecycler: { readiness_check_ring_health: false },
      // What is read back after a crash is written out before it fills the memory (three quarters, as its docs advise).
      wal: { replay_memory_ceiling: `${Math.floor(memoryGiB * 1024 * 0.75)}MB` },
    },
    schema_config: {
      configs: [
        // The only schema that takes OTLP's attributes (structured metadata).
        {
          from: "2024-01-01",
          store: "tsdb",
          object_store: objectStore,
          schema: "v13",
          index: { prefix: "index_", period: "24h" },
        },
      ],
    },
    compactor: {
      working_directory: "/data/compactor",
      retention_enabled: true,
      delete_request_store: objectStore,
      // What is to be deleted is remembered where the next leader finds it.
      ...(shared && { deletion_marker_object_store_prefix: "markers/" }),
    },
    limits_config: limits(retentionDays),
    analytics: { reporting_enabled: false },
  });
}

/**
 * Limits of the one tenant. Loki's own are for many who share it: the cluster's collectors, which try again what is not taken and
 * drop what is refused, would lose lines by them.
 *
 * @see https://grafana.com/docs/loki/latest/configure/#limits_config
 */
function limits(retentionDays: number): object {
  const kept = `${retentionDays * 24}h`;
  return {
    retention_period: kept,
    // A node that comes back, or comes new, has older lines than its neighbours.
    reject_old_samples_max_age: kept,
    shard_streams: { time_sharding_enabled: true },
    // Else a unit's lines of all nodes would be one stream.
    otlp_config: {
      resource_attributes: {
        attributes_config: [{ action: "index_label", attributes: ["k8s.node.name"] }],
      },
    },
    max_line_size_truncate: true,
    // As many as there are containers and units.
    max_global_streams_per_user: 0,
    ingestion_rate_mb: RATE_MB,
    ingestion_burst_size_mb: MESSAGE_MIB,
    per_stream_rate_limit: `${RATE_MB}MB`,
    per_stream_rate_limit_burst: `${MESSAGE_MIB}MB`,
    // As far back as there are lines.
    max_query_length: "0s",
  };
}
