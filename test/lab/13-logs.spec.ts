import { strict as assert } from "node:assert";
import { ask, makeClients } from "./client";
import { eventually, kubectl, on, progress, waitFor } from "./support";

const NAMESPACE = "log-test";

/** Lines in which somebody says a word, as the store knows them. */
async function lines(word: string): Promise<Record<string, string>[]> {
  const query = `query=${encodeURIComponent(`"says ${word}"`)}&limit=10`;
  const url = `http://victoria-logs.monitoring:9428/select/logsql/query?${query}`;
  const answer = await ask("reader", `wget -q -O - '${url}'`, NAMESPACE);
  return answer
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, string>);
}

/** A word that no earlier run wrote. */
const unique = () => `word${Date.now().toString(36)}`;

/** A pod that writes one line and ends. */
async function say(word: string): Promise<void> {
  const security = {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    runAsUser: 65_532,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  const container = {
    name: "say",
    image: "docker.io/library/busybox:1.35.0",
    command: ["sh", "-c", `echo "a pod says ${word}"`],
    securityContext: security,
  };
  const spec = {
    nodeName: "w2",
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    containers: [container],
  };
  const metadata = { labels: { "app.kubernetes.io/name": "talker" } };
  const overrides = JSON.stringify({ apiVersion: "v1", metadata, spec });
  await kubectl("-n", NAMESPACE, "run", word, `--image=${container.image}`, `--overrides=${overrides}`);
}

describe("logs", () => {
  let remove: () => Promise<unknown>;
  before(async () => {
    remove = await makeClients(["reader"], NAMESPACE, { "ha-kubernetes/monitoring-client": "true" });
  });
  after(() => remove());

  it("of a pod are found by what was said, with who said it", async () => {
    const word = unique();
    await say(word);
    const from = Date.now();
    await eventually(60, async () => {
      const [line, ...others] = await lines(word);
      assert.deepEqual(others, []);
      assert.equal(line?.["_msg"], `a pod says ${word}`);
      assert.equal(line["k8s.namespace.name"], NAMESPACE);
      assert.equal(line["k8s.pod.name"], word);
      assert.equal(line["k8s.container.name"], "say");
      assert.equal(line["k8s.node.name"], "w2");
      assert.equal(line["service.name"], "talker");
    });
    progress.say(`a pod's line is found ${((Date.now() - from) / 1000).toFixed(1)} s after it was asked for`);
  });

  it("of a host's journal are found, of a worker's and of a master's", async () => {
    for (const host of ["w1", "m3"]) {
      const word = unique();
      await on(host, `logger -t log-test -p daemon.err "a host says ${word}"`);
      await eventually(60, async () => {
        const [line, ...others] = await lines(word);
        assert.deepEqual(others, []);
        assert.equal(line?.["_msg"], `a host says ${word}`);
        assert.equal(line["k8s.node.name"], host);
        assert.equal(line["service.name"], "log-test");
        assert.match(line["severity"] ?? line["severity_text"] ?? "", /error/i);
      });
    }
  });

  it("wait while the store is away, and are found once when it is back", async () => {
    const word = unique();
    const store = ["-n", "monitoring", "statefulset/victoria-logs"];
    await kubectl("scale", ...store, "--replicas=0");
    await waitFor(150, "-n", "monitoring", "--for=delete", "pod/victoria-logs-0");
    await say(word);
    await waitFor(60, "-n", NAMESPACE, "--for=jsonpath={.status.phase}=Succeeded", `pod/${word}`);
    await kubectl("scale", ...store, "--replicas=1");
    await eventually(150, async () => {
      const found = await lines(word);
      assert.equal(found.length, 1);
    });
  });
});
