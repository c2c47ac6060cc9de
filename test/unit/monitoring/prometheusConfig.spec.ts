import { deepEqual, equal, match } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { dashboardJson, dashboards } from "../../../components/monitoring/dashboards";
import { prometheusConfig } from "../../../components/monitoring/prometheusConfig";
import type { ScrapeTarget } from "../../../components/spec/scrapeTarget";
import { labTool } from "../support/tools";

const TARGETS: ScrapeTarget[] = [
  { job: "etcd", at: { hosts: { e1: "192.168.10.201:2381", e2: "192.168.10.202:2381" } } },
  { job: "calico", at: { port: 9091, nodes: "all" } },
  { job: "etcd-of-masters", at: { port: 2381, nodes: "control-plane", tls: true } },
];

const config = (scrapeIntervalSeconds = 15) =>
  prometheusConfig({ namespace: "monitoring", scrapeIntervalSeconds, scrapeTargets: TARGETS });

interface Job {
  job_name: string;
  scheme?: string;
  static_configs?: { targets: string[] }[];
  tls_config?: Record<string, unknown>;
  relabel_configs?: Record<string, unknown>[];
}

const jobs = () => (parse(config()) as { scrape_configs: Job[] }).scrape_configs;

describe("Prometheus' config", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "prometheus-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is taken by promtool, and refused with a typo", function () {
    const promtool = labTool(this, "prometheus", "promtool");
    const check = (text: string) => {
      const file = join(folder, "prometheus.yml");
      writeFileSync(file, text);
      return spawnSync(promtool, ["check", "config", "--syntax-only", file], { encoding: "utf8" });
    };
    for (const seconds of [5, 15, 60]) {
      const { status, stdout, stderr } = check(config(seconds));
      equal(status, 0, stdout + stderr);
    }
    equal(check(config().replace("relabel_configs", "relabel_config")).status, 1);
  });

  it("verifies every certificate, and gives its token to nobody without one", () => {
    for (const { job_name: job, scheme, tls_config: tls, ...rest } of jobs()) {
      equal(scheme === "https", tls !== undefined, job);
      equal("authorization" in rest, tls !== undefined, job);
      equal(tls?.["insecure_skip_verify"], undefined, job);
    }
  });

  it("scrapes what the hosts add, by address or at a port of the nodes", () => {
    const byName = Object.fromEntries(jobs().map((job) => [job.job_name, job]));
    deepEqual(byName["etcd-hosts"]?.static_configs, [
      { targets: ["192.168.10.201:2381"], labels: { job: "etcd", node: "e1" } },
      { targets: ["192.168.10.202:2381"], labels: { job: "etcd", node: "e2" } },
    ]);
    match(JSON.stringify(byName["calico"]?.relabel_configs), /\$1:9091/);
    match(JSON.stringify(byName["etcd-of-masters"]?.relabel_configs), /control_plane.*\$1:2381/);
    equal(byName["etcd-of-masters"]?.scheme, "https");
  });

  it("never waits longer for a target than the time to the next scrape", () => {
    const timeout = (seconds: number) =>
      (parse(config(seconds)) as { global: { scrape_timeout: string } }).global.scrape_timeout;
    deepEqual([timeout(5), timeout(10), timeout(60)], ["5s", "10s", "30s"]);
  });
});

describe("dashboards", () => {
  it("show backups only where there are some", () => {
    const uids = (job: string) => dashboards([{ job }]).map(({ uid }) => uid);
    deepEqual(
      uids("velero").filter((uid) => !uids("etcd").includes(uid)),
      ["backups"],
    );
  });

  it("have a name of their own each, and graphs that don't overlap", () => {
    const all = dashboards([{ job: "velero" }]);
    equal(new Set(all.map(({ uid }) => uid)).size, all.length);
    for (const dashboard of all) {
      const { panels } = JSON.parse(dashboardJson(dashboard)) as {
        panels: { id: number; gridPos: { x: number; y: number } }[];
      };
      equal(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size, panels.length);
      equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    }
  });
});
