import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { LoadBalancerPair } from "../../components/loadbalancer";
import { parseCluster } from "../../components/spec/parse";
import { goodConfig, without } from "../unit/spec/configs";
import { CLUSTER } from "../unit/loadbalancer/cluster";

const SECRET = "generated-password-of-the-test";

/** Builds a pair against mocks and gives back what it asked the engine for. */
async function build(cluster = CLUSTER): Promise<{ pair: LoadBalancerPair; asked: MockResourceArgs[] }> {
  const asked: MockResourceArgs[] = [];
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      asked.push(args);
      const result = args.type.includes("RandomPassword") ? { result: SECRET } : {};
      return { id: `${args.name}-id`, state: { ...(args.inputs as object), ...result } };
    },
    call: ({ inputs }) => inputs as Record<string, unknown>,
  });
  const pair = new LoadBalancerPair("lb", { cluster, clusterId: "c1", caCertPem: "the CA" });
  await Promise.all([pair, ...pair.ready].map(({ urn }) => new Promise((done) => urn.apply(done))));
  return { pair, asked };
}

const commands = (asked: MockResourceArgs[]) => asked.filter(({ type }) => type === "command:remote:Command");
const line = (command: MockResourceArgs | undefined) => (command!.inputs as { create: string }).create;

describe("LoadBalancerPair", () => {
  it("prepares both hosts at once and configures the preferred one last", async () => {
    const { asked } = await build();
    const names = commands(asked).map(({ name }) => name);
    assert.deepEqual([...names].sort(), [
      "lb-lb-1-install",
      "lb-lb-1-prepare",
      "lb-lb-2-install",
      "lb-lb-2-prepare",
    ]);
    assert.ok(names.indexOf("lb-lb-2-install") < names.indexOf("lb-lb-1-install"), names.join(" "));
  });

  it("gives each host its priority and its peer", async () => {
    const { asked } = await build();
    const installs = Object.fromEntries(commands(asked).map((command) => [command.name, line(command)]));
    assert.match(
      installs["lb-lb-1-install"]!,
      /address=192\.168\.10\.11 cluster=c1 priority=100 peers=192\.168\.10\.12$/,
    );
    assert.match(
      installs["lb-lb-2-install"]!,
      /address=192\.168\.10\.12 cluster=c1 priority=90 peers=192\.168\.10\.11$/,
    );
  });

  it("wipes a host that leaves", async () => {
    const { asked } = await build();
    const deletes = commands(asked).map(({ name, inputs }) => [name, (inputs as { delete?: string }).delete]);
    for (const [name, deleted] of deletes) {
      if (String(name).endsWith("-prepare")) assert.match(String(deleted), / wipe host=/);
      else assert.equal(deleted, undefined);
    }
  });

  it("sends the password by standard input only", async () => {
    const { asked } = await build();
    for (const { name, inputs } of commands(asked)) {
      const { stdin, ...open } = inputs as Record<string, unknown>;
      assert.doesNotMatch(JSON.stringify(open), new RegExp(SECRET), name);
      if (name.endsWith("-install"))
        assert.match(JSON.stringify(stdin), new RegExp(`stats-password\\\\n${SECRET}`));
    }
    const copy = asked.find(({ type }) => type === "command:remote:CopyToRemote");
    const { source } = copy!.inputs as { source: { path: Promise<string> } };
    const script = readFileSync(await source.path, "utf8");
    assert.doesNotMatch(script, new RegExp(SECRET));
  });

  it("gives out the endpoint, the metrics' addresses and the password as a secret", async () => {
    const { pair } = await build();
    assert.equal(pair.endpoint, "https://192.168.10.100:6443");
    assert.deepEqual(pair.scrapeTargets, [
      { job: "haproxy", at: { hosts: { "lb-1": "192.168.10.11:8404", "lb-2": "192.168.10.12:8404" } } },
      { job: "node-exporter", at: { hosts: { "lb-1": "192.168.10.11:9100", "lb-2": "192.168.10.12:9100" } } },
    ]);
    assert.equal(await pulumi.isSecret(pair.statsPassword!), true);
  });

  it("builds nothing where the operator has a load balancer", async () => {
    const config = { ...without(["lb-1", "lb-2"], goodConfig()), loadBalancer: { mode: "external" } };
    const { pair, asked } = await build(parseCluster(config));
    assert.deepEqual(
      asked.map(({ type }) => type),
      ["ha-kubernetes:index:LoadBalancerPair"],
    );
    assert.equal(pair.endpoint, "https://192.168.10.100:6443");
    assert.equal(pair.statsPassword, undefined);
    assert.deepEqual([pair.scrapeTargets, pair.ready], [[], []]);
  });
});
