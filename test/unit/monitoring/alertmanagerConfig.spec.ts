import { deepEqual, equal } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { alertmanagerConfig } from "../../../components/monitoring/alertmanagerConfig";
import { receiverSecretNames } from "../../../components/spec/secretNames";
import type { ReceiversSpec } from "../../../components/spec/types";
import { labTool } from "../support/tools";

const ALL = {
  email: {
    to: "operators@example.com",
    from: "cluster@example.com",
    smarthost: "mail.example.com:587",
    username: "cluster",
    passwordSecret: "alertMailPassword",
  },
  webhook: { urlSecret: "alertWebhook" },
  slack: { urlSecret: "alertSlack", channel: "#alerts" },
  pagerduty: { routingKeySecret: "alertPagerduty" },
  watchdog: { urlSecret: "alertWatchdog" },
} satisfies ReceiversSpec;

/** Every one alone, none, and all. */
const CHOICES: ReceiversSpec[] = [
  {},
  ALL,
  { email: ALL.email },
  { webhook: ALL.webhook },
  { slack: ALL.slack },
  { pagerduty: ALL.pagerduty },
  { watchdog: ALL.watchdog },
  { email: { to: "a@example.com", from: "b@example.com", smarthost: "mail.example.com:25" } },
];

interface Config {
  route: { receiver: string; routes: { matchers: string[]; receiver: string }[] };
  receivers: { name: string }[];
}

describe("Alertmanager's config", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "alertmanager-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is taken by amtool for every choice of receivers, and refused with a typo", function () {
    const amtool = labTool(this, "alertmanager", "amtool");
    const check = (text: string) => {
      const file = join(folder, "alertmanager.yml");
      writeFileSync(file, text);
      return spawnSync(amtool, ["check-config", file], { encoding: "utf8" });
    };
    for (const choice of CHOICES) {
      const { status, stdout, stderr } = check(alertmanagerConfig(choice));
      equal(status, 0, `${JSON.stringify(choice)}: ${stdout}${stderr}`);
    }
    equal(check(alertmanagerConfig(ALL).replace("url_file", "url_fil")).status, 1);
  });

  it("sends everything to all who are given, and the watchdog to its own receiver only", () => {
    const of = (receivers: ReceiversSpec) => {
      const { route, receivers: list } = parse(alertmanagerConfig(receivers)) as Config;
      return [route.receiver, route.routes[0]?.receiver, list.map(({ name }) => name)];
    };
    deepEqual(of({}), ["none", "none", ["none"]]);
    deepEqual(of({ webhook: { urlSecret: "a" } }), ["operators", "none", ["none", "operators"]]);
    deepEqual(of({ watchdog: { urlSecret: "a" } }), ["none", "watchdog", ["none", "watchdog"]]);
    deepEqual(of(ALL), ["operators", "watchdog", ["none", "operators", "watchdog"]]);
  });

  it("names each secret once", () => {
    deepEqual(receiverSecretNames(ALL), [
      "alertMailPassword",
      "alertPagerduty",
      "alertSlack",
      "alertWatchdog",
      "alertWebhook",
    ]);
    deepEqual(receiverSecretNames({ webhook: { urlSecret: "a" }, watchdog: { urlSecret: "a" } }), ["a"]);
    deepEqual(receiverSecretNames({}), []);
  });
});
