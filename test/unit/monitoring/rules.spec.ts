import { deepEqual, equal, match } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { alertRules } from "../../../components/monitoring/prometheus";
import { labTool } from "../support/tools";

/** Series at a time, and what an alert says then. */
interface Case {
  series: Record<string, string>;
  at: string;
}
interface Firing extends Case {
  labels: Record<string, string>;
  summary: string;
  description: string;
}

interface RuleFile {
  groups: { rules: { alert: string; annotations: Record<string, string> }[] }[];
}

const RULES = resolve(__dirname, "../../../components/monitoring/rules");
const CASES = parse(readFileSync(join(__dirname, "cases.yaml"), "utf8")) as Record<
  string,
  { fires: Firing; also?: Firing; silent?: Case }
>;

const FILES = Object.entries(alertRules([{ job: "velero" }, { job: "log-collector" }])).map(
  ([file, text]) => ({
    file,
    alerts: (parse(text) as RuleFile).groups.flatMap(({ rules }) => rules),
  }),
);

/** Alerts that always fire. */
const ALWAYS = ["Watchdog"];

describe("alerts", () => {
  let folder: string;
  let promtool: string;
  before(function () {
    promtool = labTool(this, "prometheus", "promtool");
    folder = mkdtempSync(join(tmpdir(), "rules-"));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  for (const { file, alerts } of FILES) {
    it(`${file}: each fires and stays silent as in cases.yaml, its text complete`, () => {
      const tests = alerts.flatMap(({ alert }) => promtoolTests(alert));
      const path = join(folder, file);
      writeFileSync(path, stringify({ rule_files: [join(RULES, file)], evaluation_interval: "15s", tests }));
      const { status, stdout, stderr } = spawnSync(promtool, ["test", "rules", path], { encoding: "utf8" });
      equal(status, 0, stdout + stderr);
    });
  }
});

describe("cases of the alerts", () => {
  it("leave out those of backups and of logs where there are none", () => {
    const files = (...jobs: string[]) => Object.keys(alertRules(jobs.map((job) => ({ job }))));
    const all = FILES.map(({ file }) => file);
    deepEqual([...files(), "backup.yaml", "logs.yaml"].sort(), all);
    deepEqual([...files("velero", "etcd"), "logs.yaml"].sort(), all);
    deepEqual([...files("log-collector"), "backup.yaml"].sort(), all);
  });

  it("are one that fires and one that stays silent, for each alert", () => {
    const alerts = FILES.flatMap((rules) => rules.alerts.map(({ alert }) => alert)).sort();
    deepEqual(Object.keys(CASES).sort(), alerts);
    deepEqual(
      Object.entries(CASES)
        .filter(([, { silent }]) => silent === undefined)
        .map(([alert]) => alert),
      ALWAYS,
    );
  });

  it("name the next step, or say that there is none", () => {
    for (const { alerts } of FILES) {
      for (const { alert, annotations } of alerts) {
        if (!ALWAYS.includes(alert)) match(annotations["description"] ?? "", /Next: /, alert);
      }
    }
  });
});

function promtoolTests(alert: string): unknown[] {
  const { fires, also, silent } = CASES[alert] ?? {};
  return [fires, also, silent]
    .filter((one) => one !== undefined)
    .map((one) => ({
      interval: "15s",
      name: `${alert} ${isFiring(one) ? "fires" : "stays silent"}`,
      input_series: Object.entries(one.series).map(([series, values]) => ({ series, values })),
      alert_rule_test: [
        {
          eval_time: one.at,
          alertname: alert,
          exp_alerts: isFiring(one) ? [expected(one)] : [],
        },
      ],
    }));
}

function isFiring(one: Case | Firing): one is Firing {
  return "summary" in one;
}

function expected({ labels, summary, description }: Firing) {
  return { exp_labels: labels, exp_annotations: { summary, description } };
}
