import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { CANARY, type Run, type Wire } from "./support/engine";
import { build, example, exampleRun } from "./support/stacks";
import { inClear, reveal, secretIn, text } from "./support/wire";

/** The canary in clear, and in base64 at each of the three places it may have among the bytes before it. */
const FORMS = [CANARY, ...[0, 1, 2].map((before) => base64Core(before))];

function base64Core(before: number): string {
  const encoded = Buffer.from(`${"x".repeat(before)}${CANARY}`).toString("base64");
  return encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + CANARY.length) * 4) / 3));
}

function holdsCanary(text: string): boolean {
  return FORMS.some((form) => text.includes(form));
}

/** A cluster whose every secret, given or generated, holds the canary. */
async function withOwnAuthorities(): Promise<Run> {
  const ca = (name: string) => ({ certPem: `the ${name} certificate`, keyPem: `${CANARY} key of ${name}` });
  return build(example("small"), {
    privateKey: `${CANARY}-ssh`,
    clusterCa: ca("cluster"),
    frontProxyCa: ca("front-proxy"),
    etcdCa: ca("etcd"),
  });
}

const RUNS: Record<string, () => Promise<Run>> = {
  "with external etcd": () => exampleRun("small"),
  "with stacked etcd and a jump host": () => exampleRun("medium"),
  "with the operator's own CAs": withOwnAuthorities,
  "with volumes of Ceph": () => exampleRun("large"),
};

for (const [title, run] of Object.entries(RUNS)) {
  describe(`secrets of a cluster ${title}`, () => {
    it("are in no input or output in clear", async () => {
      for (const { name, inputs, outputs } of (await run()).all) {
        assert.ok(!holdsCanary(JSON.stringify(inClear(inputs))), `inputs of ${name}`);
        assert.ok(!holdsCanary(JSON.stringify(inClear(outputs))), `outputs of ${name}`);
      }
    });

    it("are in no command line, not even a secret one: every process of the host can read it", async () => {
      for (const { name, inputs } of (await run()).of("command:remote:Command")) {
        for (const line of ["create", "delete"]) {
          assert.equal(secretIn(inputs[line]), undefined, `${line} of ${name}`);
          assert.ok(!holdsCanary(JSON.stringify(reveal(inputs[line] ?? null))), `${line} of ${name}`);
        }
      }
    });

    it("are in no file that is copied", async () => {
      for (const { name, inputs } of (await run()).of("command:remote:CopyToRemote")) {
        const { path } = inputs["source"] as Record<string, Wire>;
        assert.ok(!holdsCanary(readFileSync(text(path), "utf8")), name);
      }
    });

    it("come by standard input, marked as secret, each file after a line with its path", async () => {
      let withCanary = 0;
      for (const { name, inputs } of (await run()).of("command:remote:Command")) {
        if (inputs["stdin"] === undefined) continue;
        const stdin = text(secretIn(inputs["stdin"]));
        assert.match(stdin, /^=== \/\S+\n[^]*\n$/, name);
        withCanary += holdsCanary(stdin) ? 1 : 0;
      }
      // Else nothing here was looked for.
      assert.ok(withCanary >= 8, `${withCanary} steps get a canary`);
    });
  });
}

describe("secrets of a role", () => {
  const filesOf = (run: Run, step: string) =>
    [...text(secretIn(run.named(step).inputs["stdin"])).matchAll(/^=== (.*)$/gm)].map(([, path]) => path);

  it("give an etcd member its own certificates and no CA's key", async () => {
    assert.deepEqual(filesOf(await exampleRun("small"), "dev-etcd-etcd-1-install"), [
      "/etc/etcd/pki/ca.crt",
      "/etc/etcd/pki/server.crt",
      "/etc/etcd/pki/server.key",
      "/etc/etcd/pki/peer.crt",
      "/etc/etcd/pki/peer.key",
      "/etc/etcd/pki/admin.crt",
      "/etc/etcd/pki/admin.key",
    ]);
  });

  it("give a worker the joiner's certificate only, in memory", async () => {
    assert.deepEqual(filesOf(await exampleRun("small"), "dev-worker-worker-1-join"), [
      "/run/ha-kubernetes/ca.crt",
      "/run/ha-kubernetes/joiner.crt",
      "/run/ha-kubernetes/joiner.key",
    ]);
  });

  it("give etcd's CA key to masters only where they make members", async () => {
    const external = filesOf(await exampleRun("small"), "dev-master-master-1-kubeadm");
    assert.ok(!external.includes("/etc/kubernetes/pki/etcd/ca.key"));
    assert.ok(external.includes("/etc/kubernetes/pki/apiserver-etcd-client.key"));
    const stacked = filesOf(await exampleRun("medium"), "medium-master-master-1-kubeadm");
    assert.ok(stacked.includes("/etc/kubernetes/pki/etcd/ca.key"));
    assert.ok(!stacked.includes("/etc/kubernetes/pki/apiserver-etcd-client.key"));
  });

  it("leave the kubeconfig secret", async () => {
    const { outputs } = (await exampleRun("small")).named("dev");
    assert.match(text(secretIn(outputs["kubeconfig"])), /server: https:\/\/192\.168\.10\.100:6443/);
  });
});
