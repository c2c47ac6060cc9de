import { strict as assert } from "node:assert";
import { ask, askSteadily, clientPod, makeClients } from "./client";
import { apply, create, eventually, kubectl, progress, sleep, waitFor } from "./support";

const SAMPLES = ["web-app", "distributed-app", "nginx-ha"];

const url = (sample: string) => `http://${sample}.${sample}.svc.cluster.local/`;

/** Nodes of a sample's pods, sorted. */
async function nodesOf(sample: string): Promise<string[]> {
  const nodes = await kubectl("-n", sample, "get", "pods", "-o", "jsonpath={.items[*].spec.nodeName}");
  return nodes.split(" ").sort();
}

/** Names of a sample's pods on a node. */
function podsOf(sample: string, node: string): Promise<string> {
  const there = [`--field-selector=spec.nodeName=${node}`, "-o", "jsonpath={.items[*].metadata.name}"];
  return kubectl("-n", sample, "get", "pods", ...there);
}

/** Asks for an eviction, as a drain does. */
function evict(namespace: string, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  return create(path, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } });
}

/** The end of what a command says that must fail. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => assert.fail("it was let through"),
    (error: unknown) => String(error),
  );
}

describe("samples", () => {
  let remove: () => Promise<unknown>;
  before(async () => {
    remove = await makeClients(SAMPLES);
  });
  after(() => remove());

  it("are spread as declared, also after a rollout", async () => {
    for (const sample of SAMPLES) await kubectl("-n", sample, "rollout", "restart", "deployment", sample);
    for (const sample of SAMPLES)
      await kubectl(
        "--request-timeout=0",
        "-n",
        sample,
        "rollout",
        "status",
        "deployment",
        sample,
        "--timeout=120s",
      );
    await eventually(60, async () => assert.equal((await nodesOf("distributed-app")).length, 6));
    assert.deepEqual(await nodesOf("web-app"), ["w1", "w2", "w3"]);
    assert.deepEqual(await nodesOf("distributed-app"), ["w1", "w1", "w2", "w2", "w3", "w3"]);
    // Preferred, not required.
    assert(new Set(await nodesOf("nginx-ha")).size >= 2);
  });

  it("answer whoever asks, and can be reached and reach others in no other way", async () => {
    await apply(clientPod("inside", "web-app"));
    await waitFor(60, "-n", "web-app", "--for=condition=Ready", "pod/inside");
    const [address] = [
      await kubectl("-n", "web-app", "get", "pod", "inside", "-o", "jsonpath={.status.podIP}"),
    ];
    for (const sample of SAMPLES)
      assert.match(await ask(sample, `wget -q -O - ${url(sample)}`), new RegExp(sample));
    // It may ask for names, and for nothing else.
    assert.match(await ask("inside", "nslookup web-app.web-app.svc.cluster.local", "web-app"), /Address/);
    const connect = (target: string) => `/agnhost connect ${target} --timeout=2s 2>&1`;
    assert.match(await refusal(ask("inside", connect("nginx-ha.nginx-ha:80"), "web-app")), /TIMEOUT|REFUSED/);
    assert.match(await refusal(ask("web-app", connect(`${address}:8080`))), /TIMEOUT|REFUSED/);
    await kubectl("-n", "web-app", "delete", "pod", "inside", "--wait=false");
  });

  it("lose no request when a worker is drained, and let no second replica be evicted meanwhile", async () => {
    // nginx-ha sends each client to one replica: the worker of that one is drained.
    const replica = (await ask("nginx-ha", `wget -q -O - ${url("nginx-ha")}`)).trim();
    const drained = await kubectl("-n", "nginx-ha", "get", "pod", replica, "-o", "jsonpath={.spec.nodeName}");
    const seconds = 110;
    const asked = Promise.all(SAMPLES.map((sample) => askSteadily(sample, url(sample), seconds)));
    await sleep(3000);
    try {
      await kubectl(
        ...["--request-timeout=0", "drain", drained, "--timeout=105s"],
        ...["--ignore-daemonsets", "--delete-emptydir-data"],
      );
      // web-app has two replicas left, and no third host for another.
      const [pod = ""] = (await podsOf("web-app", drained === "w2" ? "w1" : "w2")).split(" ");
      assert.match(await refusal(evict("web-app", pod)), /violate the pod's disruption budget/);
    } finally {
      await kubectl("uncordon", drained);
    }
    const answers = await asked;
    progress.say(
      `while ${drained} was drained: ${SAMPLES.map((sample, i) => `${sample} answered ${answers[i]?.answered} (${((answers[i]?.answered ?? 0) / seconds).toFixed(0)} a second), slow ${answers[i]?.slow}, failed ${answers[i]?.failed}${answers[i]?.why}`).join("; ")}`,
    );
    for (const { answered, failed } of answers) {
      assert(answered > 500, `only ${answered} answers`);
      assert.equal(failed, 0);
    }
    await eventually(120, async () => {
      for (const sample of SAMPLES)
        assert.doesNotMatch(
          await kubectl("-n", sample, "get", "deployment", sample, "--no-headers"),
          / (\d+)\/(?!\1 )\d+ /,
        );
    });
  });
});
