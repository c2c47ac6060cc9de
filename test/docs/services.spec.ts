import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { dashboards } from "../../components/monitoring/dashboards";
import { alertRules } from "../../components/monitoring/prometheus";
import { RULES } from "../../policies/rules";

const page = (file: string) => readFileSync(join(resolve(__dirname, "../.."), file), "utf8");

/** The jobs whose rules and dashboards are not always there. */
const ALL = [{ job: "velero" }, { job: "log-collector" }];

describe("pages of the services", () => {
  it("name every alert in the line of its file", () => {
    const text = page("docs/operations/monitoring.md");
    for (const [file, rules] of Object.entries(alertRules(ALL))) {
      const { groups } = parse(rules) as { groups: { rules: { alert: string }[] }[] };
      const alerts = groups.flatMap((group) => group.rules.map(({ alert }) => alert));
      assert(
        text.includes(`| ${file.replace(".yaml", "")} | ${alerts.join(", ")} |`),
        `${file}: ${alerts.join(", ")}`,
      );
    }
  });

  it("list every policy with its level", () => {
    const listed = [
      ...page("docs/operations/policies.md").matchAll(/^\| ([a-z-]+) \| (mandatory|advisory) \|/gm),
    ];
    assert.deepEqual(
      listed.map(([, name, level]) => `${name} ${level}`).sort(),
      RULES.map(({ name, level }) => `${name} ${level}`).sort(),
    );
  });

  it("count the alerts and the dashboards in the README", () => {
    const alerts = Object.values(alertRules(ALL))
      .join("")
      .match(/^ +- alert:/gm)?.length;
    const words = ["no", "one", "two", "three", "four", "five", "six", "seven"];
    assert.match(
      page("README.md"),
      new RegExp(`${alerts} alerts, Grafana with ${words[dashboards(ALL).length]} dashboards`),
    );
  });
});
