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
  { fires: Firing; silent?: Case }
>;

const FILES = Object.entries(alertRules({ backup: true })).map(([file, text]) => ({
  file,
  alerts: (parse(text) as RuleFile).groups.flatMap(({ rules }) => rules),
}));

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
  it("leave out those of backups where there are none", () => {
    const files = Object.keys(alertRules({ backup: false }));
    deepEqual([...files, "backup.yaml"].sort(), FILES.map(({ file }) => file).sort());
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
  const { fires, silent } = CASES[alert] ?? {};
  return [fires, silent]
    .filter((one) => one !== undefined)
    .map((one) => ({
      interval: "15s",
      name: `${alert} ${one === fires ? "fires" : "stays silent"}`,
      input_series: Object.entries(one.series).map(([series, values]) => ({ series, values })),
      alert_rule_test: [
        {
          eval_time: one.at,
          alertname: alert,
          exp_alerts: one === fires ? [expected(fires)] : [],
        },
      ],
    }));
}

function expected({ labels, summary, description }: Firing) {
  return { exp_labels: labels, exp_annotations: { summary, description } };
}
