import { deepEqual, equal, match } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { collectorConfig, HOST_ROOT } from "../../../components/logs/collectorConfig";
import { LOG_STORES } from "../../../components/logs/names";
import { labTool } from "../support/tools";

const STORES = Object.values(LOG_STORES);

describe("the collector's config", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "collector-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is taken by the collector for every store, and refused with a typo", function () {
    const otelcol = labTool(this, "opentelemetry-collector", "otelcol-contrib");
    const check = (text: string) => {
      const file = join(folder, "config.yaml");
      // It looks whether the node's root is there.
      writeFileSync(file, text.replace(`root_path: ${HOST_ROOT}`, "root_path: /"));
      const env = { ...process.env, POD_IP: "127.0.0.1", NODE_NAME: "w1" };
      return spawnSync(otelcol, ["validate", `--config=${file}`], { encoding: "utf8", env });
    };
    for (const store of STORES) {
      const { status, stderr } = check(collectorConfig({ store, namespace: "monitoring" }));
      equal(status, 0, `${store.name}: ${stderr}`);
    }
    const typo = collectorConfig({ store: LOG_STORES.loki, namespace: "monitoring" });
    match(check(typo.replace("start_at:", "start_a:")).stderr, /start_a/);
  });

  it("sends to the store's Service, with what the store wants", () => {
    const exporters = STORES.map((store) => {
      const config = parse(collectorConfig({ store, namespace: "logging" })) as {
        exporters: { otlp_http: { endpoint: string; headers?: Record<string, string> } };
      };
      const { endpoint, headers } = config.exporters.otlp_http;
      return [endpoint, headers];
    });
    deepEqual(exporters, [
      ["http://loki.logging.svc:3100/otlp", undefined],
      [
        "http://victoria-logs.logging.svc:9428/insert/opentelemetry",
        {
          "VL-Stream-Fields": "k8s.namespace.name,k8s.pod.name,k8s.container.name,k8s.node.name,service.name",
        },
      ],
    ]);
  });

  it("does not read the collector's own lines", () => {
    const config = parse(collectorConfig({ store: LOG_STORES.loki, namespace: "logging" })) as {
      receivers: { file_log: { exclude: string[] } };
    };
    deepEqual(config.receivers.file_log.exclude, ["/var/log/pods/logging_log-collector-*/*/*.log"]);
  });
});
