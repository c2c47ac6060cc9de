import { strict as assert } from "node:assert";
import { parse } from "yaml";
import { alertRules } from "../../components/monitoring/prometheus";
import { dashboards as all } from "../../components/monitoring/dashboards";
import { engineOf } from "../../lab/up";
import { backUp } from "./backups";
import { labels, OF_THE_MACHINE, query } from "./prometheus";
import { editConfig, eventually, kubectl, lab, on, progress, up } from "./support";
import { Webhook, type Alert } from "./webhook";

const SECRET = "alertWebhook";

/** Gives the stack its receivers of alerts, or takes them away. */
async function setReceivers(receivers: object): Promise<void> {
  await editConfig((cluster) => Object.assign(cluster["monitoring"] as object, { receivers }));
  await up();
}

/** A worker without a Prometheus: the two others have one each. */
async function idleWorker(): Promise<string> {
  const busy = await kubectl(
    ...["-n", "monitoring", "get", "pods", "-l", "app.kubernetes.io/name=prometheus"],
    ...["-o", "jsonpath={.items[*].spec.nodeName}"],
  );
  const idle = ["w1", "w2", "w3"].filter((name) => !busy.split(" ").includes(name));
  assert.equal(idle.length, 1, busy);
  return idle[0]!;
}

/** Names of the metrics that a file of rules asks for. */
function metricsOf(rules: string): string[] {
  const { groups } = parse(rules) as { groups: { rules: { expr: string }[] }[] };
  return groups.flatMap((group) =>
    group.rules.flatMap(({ expr }) => {
      const bare = expr
        .replaceAll(/"[^"]*"/g, "")
        .replaceAll(/\{[^}]*\}/g, "")
        .replaceAll(/\b(by|on|ignoring|without|group_left|group_right) *\([^)]*\)/g, "");
      return [...bare.matchAll(/\b([a-z]\w*_\w+)\b(?! *\()/g)].map(([, name = ""]) => name);
    }),
  );
}

describe("dashboards", () => {
  // Of backups there is nothing to show before the first one.
  before(async () => {
    await backUp(`daily-${Date.now()}`, 300);
    await eventually(60, async () =>
      assert((await query("velero_backup_last_successful_timestamp")).length > 0, "not scraped yet"),
    );
  });

  for (const { title, panels } of all([{ job: "velero" }])) {
    it(`${title}: each graph has data of the lab's cluster`, async () => {
      for (const panel of panels) {
        const samples = await query(panel.query);
        assert(samples.length > 0, `${panel.title}: ${panel.query}`);
        for (const [, label = ""] of panel.legend.matchAll(/\{\{(\w+)\}\}/g))
          assert(labels(samples, label).join("") !== "", `${panel.title} has no ${label}`);
      }
    });
  }
});

describe("rules of alerts", () => {
  it("ask for series that are there", async () => {
    const names = new Set(
      Object.values(alertRules([{ job: "velero" }, { job: "log-collector" }])).flatMap(metricsOf),
    );
    const missing = [];
    for (const name of names)
      if ((await query(`count(last_over_time(${name}[1h]))`)).length === 0) missing.push(name);
    progress.say(`${names.size} metrics in rules`);
    assert.deepEqual(missing, []);
  });
});

describe("alerts", () => {
  let webhook: Webhook;
  let worker: string;
  before(async () => {
    webhook = new Webhook();
    worker = await idleWorker();
    await (await engineOf(lab)).pulumi(["config", "set", "--secret", SECRET], { input: Webhook.url });
    await setReceivers({ webhook: { urlSecret: SECRET }, watchdog: { urlSecret: SECRET } });
  });
  after(async () => {
    webhook.stop();
    await heal();
    await setReceivers({});
  });

  /** The first message of such an alert. */
  const told = (name: string, wanted: Record<string, string> = {}): Alert | undefined =>
    webhook.alerts.find(
      (alert) =>
        alert.labels["alertname"] === name &&
        Object.entries(wanted).every(([label, value]) => alert.labels[label] === value),
    );

  const manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
  const heal = () =>
    Promise.all([
      on("e3", "systemctl start etcd"),
      on(worker, "systemctl start kubelet"),
      on("m2", `[ ! -e /root/kube-apiserver.yaml ] || mv /root/kube-apiserver.yaml ${manifest}`),
    ]);

  it("bring the watchdog's sign of life", async () => {
    await eventually(120, async () => assert(told("Watchdog"), "no watchdog yet"));
  });

  it("tell of a node-exporter, a kubelet, an etcd member and an API server that are stopped, with text to act on", async () => {
    await Promise.all([
      on("e3", "systemctl stop etcd"),
      on("m2", `mv ${manifest} /root/`),
      // Without its kubelet nobody starts the other one again.
      on(worker, "systemctl stop kubelet && kill $(pgrep -x node_exporter)"),
    ]);
    const from = Date.now();
    const seconds = async (alert: () => Alert | undefined, limit: number) => {
      await eventually(limit, async () => assert(alert(), "not told yet"));
      return ((Date.now() - from) / 1000).toFixed(0);
    };
    const etcd = () => told("etcdDown", { instance: "192.168.10.203:2381" });
    const node = () => told("NodeDown", { node: worker });
    const kubelet = () => told("KubeletDown", { node: worker });
    const server = () => told("APIServerDown", { node: "m2" });
    const etcdSeconds = await seconds(etcd, 150);
    const nodeSeconds = await seconds(node, 120);
    const kubeletSeconds = await seconds(kubelet, 60);
    const serverSeconds = await seconds(server, 60);
    progress.say(
      `told of etcd after ${etcdSeconds} s, node ${nodeSeconds} s, kubelet ${kubeletSeconds} s, API server ${serverSeconds} s`,
    );
    assert.equal(server()?.annotations["summary"], "The API server of m2 does not answer");
    assert.equal(etcd()?.annotations["summary"], "The etcd member e3 does not answer");
    assert.equal(node()?.annotations["summary"], `Node ${worker} does not answer`);
    assert.match(kubelet()?.annotations["description"] ?? "", /Next: on w\d: systemctl status kubelet/);
  });

  it("end when all is well again", async () => {
    await heal();
    await eventually(300, async () => {
      assert.deepEqual(labels(await query("up == 0"), "job"), []);
      const alerts = labels(await query('ALERTS{alertstate="firing"}'), "alertname");
      assert.deepEqual(
        alerts.filter((alert) => !OF_THE_MACHINE.includes(alert)),
        ["Watchdog"],
      );
    });
  });
});
