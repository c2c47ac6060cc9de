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
export function lokiConfig(logs: Pick<LogsSpec, "retentionDays" | "s3">, namespace: string): string {
  const { s3, retentionDays } = logs;
  const objectStore = s3 === undefined ? "filesystem" : "s3";
  const shared = s3 !== undefined;
  return stringify({
    // One tenant: the cluster.
    auth_enabled: false,
    server: { http_listen_port: PORT, log_level: "warn" },
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
    ...(shared && { memberlist: { join_members: [`${PEERS}.${namespace}.svc:${GOSSIP_PORT}`] } }),
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
    },
    limits_config: { retention_period: `${retentionDays * 24}h` },
    analytics: { reporting_enabled: false },
  });
}
