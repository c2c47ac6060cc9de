import { deepEqual, equal } from "node:assert/strict";
import { parse } from "yaml";
import { lokiConfig } from "../../../components/logs/loki";

interface Config {
  common: { replication_factor: number; storage: Record<string, Record<string, unknown>> };
  memberlist?: { join_members: string[] };
  compactor: { retention_enabled: boolean; delete_request_store: string };
  limits_config: { retention_period: string };
  schema_config: { configs: { object_store: string }[] };
}

const config = (logs: Parameters<typeof lokiConfig>[0]) => parse(lokiConfig(logs, "monitoring")) as Config;

const BUCKET = { bucket: "lines", region: "eu", accessKeySecret: "a", secretKeySecret: "b" };

// Loki itself can't be built here: that it takes the file is not proven.
describe("Loki's config", () => {
  it("keeps lines on the volume, once, without an object store", () => {
    const { common, memberlist, compactor, schema_config } = config({ retentionDays: 14 });
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
    deepEqual(memberlist, { join_members: ["loki-peers.monitoring.svc:7946"] });
    equal(compactor.delete_request_store, "s3");
  });

  it("asks Amazon's own store by its region", () => {
    deepEqual(config({ retentionDays: 14, s3: BUCKET }).common.storage, {
      s3: { bucketnames: "lines", region: "eu" },
    });
  });

  it("deletes what is older than the days that are kept", () => {
    const { compactor, limits_config } = config({ retentionDays: 14 });
    equal(compactor.retention_enabled, true);
    equal(limits_config.retention_period, "336h");
  });
});
