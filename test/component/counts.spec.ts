import assert from "node:assert/strict";
import { parseCluster } from "../../components/spec/parse";
import type { Run } from "./support/engine";
import { build, exampleRun, written, type StackName } from "./support/stacks";

/** Types of resources by what people call them here. */
const TYPES = {
  hosts: "ha-kubernetes:index:RemoteHost",
  scripts: "ha-kubernetes:index:RoleScript",
  copies: "command:remote:CopyToRemote",
  commands: "command:remote:Command",
  keys: "tls:index/privateKey:PrivateKey",
  authorities: "tls:index/selfSignedCert:SelfSignedCert",
  requests: "tls:index/certRequest:CertRequest",
  certificates: "tls:index/locallySignedCert:LocallySignedCert",
  passwords: "random:index/randomPassword:RandomPassword",
  releases: "kubernetes:helm.sh/v3:Release",
} as const;

function counts(run: Run): Record<keyof typeof TYPES, number> {
  return Object.fromEntries(
    Object.entries(TYPES).map(([what, type]) => [what, run.of(type).length]),
  ) as never;
}

/** Certificates of external etcd's clients and of two per member; the joiner's and the administrator's; metrics-server's with its CA. */
const EXPECTED: Partial<Record<StackName, Record<keyof typeof TYPES, number>>> = {
  // 11 hosts with two steps each, and the checks.
  small: {
    hosts: 11,
    scripts: 4,
    copies: 11,
    commands: 23,
    keys: 16,
    authorities: 4,
    requests: 11,
    certificates: 11,
    passwords: 3,
    releases: 1,
  },
  medium: {
    hosts: 17,
    scripts: 4,
    copies: 17,
    commands: 35,
    keys: 10,
    authorities: 4,
    requests: 5,
    certificates: 5,
    passwords: 3,
    releases: 1,
  },
  large: {
    hosts: 60,
    scripts: 4,
    copies: 60,
    commands: 121,
    keys: 20,
    authorities: 4,
    requests: 15,
    certificates: 15,
    // That of the copies of volumes among them.
    passwords: 4,
    // Calico, and the driver of Ceph.
    releases: 2,
  },
};

describe("resources of a cluster", () => {
  for (const [stack, expected] of Object.entries(EXPECTED)) {
    it(`are counted for the ${stack} example`, async () => {
      assert.deepEqual(counts(await exampleRun(stack as StackName)), expected);
    });
  }

  it("are at most three on a worker: its script and two steps", async () => {
    const run = await exampleRun("large");
    for (const host of run.of(TYPES.hosts).filter(({ name }) => name.includes("-worker-"))) {
      const children = run.all.filter(({ parent }) => parent === host.urn);
      assert.deepEqual(children.map(({ name }) => name).sort(), [
        `${host.name}-join`,
        `${host.name}-prepare`,
        `${host.name}-script`,
      ]);
    }
  });

  it("all have a parent but the cluster itself", async () => {
    const run = await exampleRun("small");
    const components = new Set(
      run.all.filter(({ type }) => type.startsWith("ha-kubernetes:")).map(({ urn }) => urn),
    );
    const orphans = run.all.filter(({ parent }) => !components.has(parent));
    assert.deepEqual(
      orphans.map(({ name }) => name),
      ["dev"],
    );
  });

  it("hold no load balancer where the operator has one", async () => {
    const config = written("small", (cluster) => {
      cluster["loadBalancer"] = { mode: "external" };
      cluster.hosts = cluster.hosts.filter((host) => host["role"] !== "loadbalancer");
    });
    const run = await build(parseCluster(config));
    const { hosts, scripts, commands, passwords } = counts(run);
    assert.deepEqual(
      { hosts, scripts, commands, passwords },
      { hosts: 9, scripts: 3, commands: 19, passwords: 2 },
    );
    assert.deepEqual(
      run
        .of("ha-kubernetes:index:LoadBalancerPair")
        .map(({ urn }) => run.all.filter((a) => a.parent === urn).length),
      [0],
    );
  });
});
