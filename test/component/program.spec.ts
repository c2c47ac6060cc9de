import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { CANARY, record, type StackOutputs } from "./support/engine";
import { written, type StackName, type Written } from "./support/stacks";
import { inClear, secretIn } from "./support/wire";

const load = createRequire(__filename);
const PROGRAM = join(__dirname, "..", "..", "index.ts");

interface Exports {
  kubeconfig: pulumi.Output<string>;
  endpoint: pulumi.Output<string>;
  statsPassword: pulumi.Output<string | undefined>;
  builtWith: pulumi.Output<Record<string, string>>;
}

/** Runs the program of every stack, by default as a preview of a machine that has no chart, and gives its exports. */
async function program(
  stack: StackName,
  change?: (config: Written) => void,
  secrets: Record<string, string> = {},
  before: StackOutputs = {},
  preview = true,
) {
  const set = { cluster: JSON.stringify(written(stack, change)), ...secrets };
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(set).map(([key, value]) => [`ha-kubernetes:${key}`, value])),
    Object.keys(secrets).map((key) => `ha-kubernetes:${key}`),
  );
  let exports: Exports | undefined;
  const run = await record(
    async () => {
      Reflect.deleteProperty(load.cache, PROGRAM);
      exports = await (load(PROGRAM) as () => Promise<Exports>)();
    },
    preview,
    before,
  );
  assert.ok(exports);
  return { run, exports };
}

describe("program of a stack", () => {
  // Where it runs there may be charts that somebody fetched.
  const project = process.cwd();
  let empty: string;
  before(() => process.chdir((empty = mkdtempSync(join(tmpdir(), "program-")))));
  after(() => {
    process.chdir(project);
    rmSync(empty, { recursive: true });
  });

  it("builds one cluster of its config's name and exports how it is reached", async () => {
    const { run, exports } = await program("small");
    assert.deepEqual(
      run.of("ha-kubernetes:index:HaCluster").map(({ name }) => name),
      ["dev"],
    );
    assert.equal(await value(exports.endpoint), "https://192.168.10.100:6443");
    assert.equal(await pulumi.isSecret(exports.kubeconfig), true);
    assert.equal(await pulumi.isSecret(exports.statsPassword), true);
  });

  it("takes the private key from the secret that the config names", async () => {
    const { run } = await program("medium", undefined, { sshPrivateKey: `${CANARY}-ssh` });
    for (const { name, inputs } of run.of("command:remote:Command")) {
      assert.ok(secretIn(inputs["connection"]), name);
      assert.ok(!JSON.stringify(inClear(inputs)).includes(CANARY), name);
    }
  });

  it("takes the operator's own CA from the stack's secrets", async () => {
    const { run } = await program("small", undefined, { etcdCaKey: "own key", etcdCaCert: "own" });
    const made = run.of("tls:index/selfSignedCert:SelfSignedCert").map(({ name }) => name);
    assert.deepEqual(made.sort(), ["dev-metrics-server-ca", "dev-pki-ca", "dev-pki-front-proxy-ca"]);
  });

  it("gives out what its cluster was built with, and is judged against it the next time", async () => {
    const { exports } = await program("small");
    const builtWith = await value(exports.builtWith);
    assert.equal(builtWith["network.podCidr"], "10.244.0.0/16");
    const again = await program("small", undefined, {}, { builtWith });
    assert.deepEqual(await value(again.exports.builtWith), builtWith);
    const changed = program(
      "small",
      (config) => (config["network"] = { podCidr: "10.200.0.0/16" }),
      {},
      {
        builtWith,
      },
    );
    await assert.rejects(changed, (error: unknown) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.match(
        error.message,
        /network\.podCidr: 10\.200\.0\.0\/16 was 10\.244\.0\.0\/16[^]*cure: take the change/,
      );
      return true;
    });
  });

  it("previews an example with Ceph without its key and the chart, all but the driver", async () => {
    const { run } = await program("large");
    const made = run.all
      .filter(({ name }) => /^prod-storage-/.test(name))
      .map(({ type, name }) => `${type} ${name}`);
    assert.ok(made.includes("kubernetes:storage.k8s.io/v1:StorageClass prod-storage-ceph-rbd-ssd"));
    assert.deepEqual(run.of("kubernetes:helm.sh/v3:Release"), []);
  });

  it("refuses an `up` whose secrets are missing, all of them at once, before anything is made", async () => {
    const config = (cluster: Written) => {
      cluster["monitoring"] = { receivers: { webhook: { urlSecret: "hook" } } };
      delete cluster["logs"];
      delete cluster["backup"];
    };
    await assert.rejects(program("large", config, {}, {}, false), (error: unknown) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.equal(
        error.message,
        "secrets that the config names are not in the stack: cephKey (storage.ceph), hook (monitoring.receivers). " +
          "Next: pulumi config set --secret cephKey; pulumi config set --secret hook",
      );
      return true;
    });
    // With them it goes on, to the chart that is not there.
    await assert.rejects(program("large", config, { hook: "h", cephKey: "k" }, {}, false), /Calico's chart/);
  });

  it("takes fewer workers than its profile has only once its cluster stands", async () => {
    const without = (config: Written) =>
      void (config.hosts = config.hosts.filter(({ role }) => role !== "worker"));
    await assert.rejects(program("small", without), /0 workers where profile small has/);
    await program("small", without, {}, { builtWith: {} });
  });

  it("says all that is wrong at once, without a stack trace", async () => {
    const wrong = program("small", (config) => {
      config["profile"] = "tiny";
      config.hosts[0]!["address"] = "192.168.10.300";
    });
    await assert.rejects(wrong, (error: unknown) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.match(error.message, /profile[^]*tiny[^]*hosts\[0\]\.address[^]*192\.168\.10\.300/);
      return true;
    });
  });
});

/** The value of an output. */
function value<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
