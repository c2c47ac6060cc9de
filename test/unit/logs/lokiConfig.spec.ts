import { deepEqual, equal, ok } from "node:assert/strict";
import { parse } from "yaml";
import { collectorConfig } from "../../../components/logs/collectorConfig";
import { LOG_STORES } from "../../../components/logs/names";
import { lokiConfig } from "../../../components/logs/loki";

interface Config {
  common: { replication_factor: number; storage: Record<string, Record<string, unknown>> };
  memberlist?: { join_members: string[]; rejoin_interval: string };
  compactor: {
    retention_enabled: boolean;
    delete_request_store: string;
    deletion_marker_object_store_prefix?: string;
  };
  server: { grpc_server_max_recv_msg_size: number; grpc_server_max_send_msg_size: number };
  ingester: { lifecycler: { readiness_check_ring_health: boolean }; wal: { replay_memory_ceiling: string } };
  limits_config: {
    retention_period: string;
    reject_old_samples_max_age: string;
    ingestion_burst_size_mb: number;
    shard_streams: { time_sharding_enabled: boolean };
    otlp_config: { resource_attributes: { attributes_config: object[] } };
  };
  schema_config: { configs: { object_store: string }[] };
}

const config = (logs: Parameters<typeof lokiConfig>[0]) => parse(lokiConfig(logs, "monitoring")) as Config;

const BUCKET = { bucket: "lines", region: "eu", accessKeySecret: "a", secretKeySecret: "b" };

// Loki itself can't be built here: that it takes the file is not proven.
describe("Loki's config", () => {
  it("keeps lines on the volume, once, without an object store", () => {
    const { common, memberlist, compactor, schema_config } = config({ retentionDays: 14, memoryGiB: 4 });
    equal(common.replication_factor, 1);
    deepEqual(Object.keys(common.storage), ["filesystem"]);
    equal(memberlist, undefined);
    deepEqual(
      schema_config.configs.map((one) => one.object_store),
      ["filesystem"],
    );
    equal(compactor.delete_request_store, "filesystem");
  });

  it("keeps lines in the bucket, held by three until then, with one", () => {
    const { common, memberlist, compactor } = config({
      retentionDays: 14,
      memoryGiB: 4,
      s3: { ...BUCKET, url: "http://store.example.com:9000" },
    });
    equal(common.replication_factor, 3);
    deepEqual(common.storage, {
      s3: {
        bucketnames: "lines",
        region: "eu",
        endpoint: "http://store.example.com:9000",
        s3forcepathstyle: true,
        insecure: true,
      },
    });
    deepEqual(memberlist, { join_members: ["dns+loki-peers.monitoring.svc:7946"], rejoin_interval: "1m" });
    equal(compactor.deletion_marker_object_store_prefix, "markers/");
    equal(compactor.delete_request_store, "s3");
  });

  it("asks Amazon's own store by its region", () => {
    deepEqual(config({ retentionDays: 14, memoryGiB: 4, s3: BUCKET }).common.storage, {
      s3: { bucketnames: "lines", region: "eu" },
    });
  });

  it("deletes what is older than the days that are kept", () => {
    const { compactor, limits_config } = config({ retentionDays: 14, memoryGiB: 4 });
    equal(compactor.retention_enabled, true);
    equal(limits_config.retention_period, "336h");
  });

  it("takes the largest batch of a collector at once, from its queue to the ingester", () => {
    const { server, limits_config } = config({ retentionDays: 14, memoryGiB: 4 });
    const { exporters, receivers } = parse(
      collectorConfig({ store: LOG_STORES.loki, namespace: "monitoring" }),
    ) as {
      receivers: { file_log: { operators: { type: string; max_log_size?: number }[] } };
      exporters: { otlp_http: { sending_queue: { batch: { sizer: string; max_size: number } } } };
    };
    const { sizer, max_size } = exporters.otlp_http.sending_queue.batch;
    equal(sizer, "bytes");
    // A record that does not fit a batch is dropped.
    const longest = receivers.file_log.operators.find(({ type }) => type === "container")?.max_log_size;
    ok(longest !== undefined && longest * 4 <= max_size);
    // Unpacked, a line's attributes are repeated with each.
    ok(max_size * 4 <= server.grpc_server_max_recv_msg_size);
    ok(max_size * 4 <= server.grpc_server_max_send_msg_size);
    ok(max_size * 4 <= limits_config.ingestion_burst_size_mb * 2 ** 20);
  });

  it("takes late lines as long as they are kept, and each node's on their own", () => {
    const { limits_config } = config({ retentionDays: 30, memoryGiB: 4 });
    equal(limits_config.reject_old_samples_max_age, "720h");
    equal(limits_config.shard_streams.time_sharding_enabled, true);
    deepEqual(limits_config.otlp_config.resource_attributes.attributes_config, [
      { action: "index_label", attributes: ["k8s.node.name"] },
    ]);
  });

  it("starts beside a lost replica, and within its memory", () => {
    const { ingester } = config({ retentionDays: 14, memoryGiB: 4, s3: BUCKET });
    equal(ingester.lifecycler.readiness_check_ring_health, false);
    equal(ingester.wal.replay_memory_ceiling, "3072MB");
  });
});
