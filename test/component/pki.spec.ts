import assert from "node:assert/strict";
import type { Asked, Run, Wire } from "./support/engine";
import { build, example, exampleRun } from "./support/stacks";
import { reveal, secretIn, text } from "./support/wire";

const LEAF = "tls:index/locallySignedCert:LocallySignedCert";
const REQUEST = "tls:index/certRequest:CertRequest";
const AUTHORITY = "tls:index/selfSignedCert:SelfSignedCert";
const KEY = "tls:index/privateKey:PrivateKey";

/** The services have CAs of their own, for the one certificate that each needs. */
function ofPki(run: Run, type: string): Asked[] {
  return run.of(type).filter(({ name }) => name.includes("-pki-"));
}

/** Names of the leaves by the name of the CA that signs them. */
function signed(run: Run): Record<string, string[]> {
  const by: Record<string, string[]> = {};
  for (const { name, inputs } of ofPki(run, LEAF)) {
    const ca = /of (\S+)\n/.exec(text(inputs["caCertPem"]))?.[1] ?? text(inputs["caCertPem"]);
    by[ca] = [...(by[ca] ?? []), name].sort();
  }
  return by;
}

const members = [1, 2, 3]
  .flatMap((n) => [`dev-pki-etcd-peer-etcd-${n}`, `dev-pki-etcd-server-etcd-${n}`])
  .sort();

describe("PKI", () => {
  it("keeps etcd's CA apart from the cluster's", async () => {
    assert.deepEqual(signed(await exampleRun("small")), {
      "dev-pki-ca": ["dev-pki-admin", "dev-pki-joiner"],
      "dev-pki-etcd-ca": ["dev-pki-apiserver-etcd-client", "dev-pki-etcd-admin", ...members].sort(),
    });
  });

  it("gives client certificates for etcd the use of a client, members' both", async () => {
    const run = await exampleRun("small");
    const uses = (name: string) => reveal(run.named(name, LEAF).inputs["allowedUses"] ?? null);
    for (const name of ["apiserver-etcd-client", "etcd-admin", "joiner", "admin"]) {
      assert.deepEqual(uses(`dev-pki-${name}`), ["digital_signature", "client_auth"], name);
    }
    for (const name of members)
      assert.deepEqual(uses(name), ["digital_signature", "server_auth", "client_auth"], name);
  });

  it("names a member by its name and address and by the loopback", async () => {
    const { inputs } = (await exampleRun("small")).named("dev-pki-etcd-server-etcd-2", REQUEST);
    assert.deepEqual(inputs["dnsNames"], ["etcd-2", "localhost"]);
    assert.deepEqual(inputs["ipAddresses"], ["192.168.10.202", "127.0.0.1"]);
  });

  it("makes the administrator one whose rights can be taken away, and the joiner one without a group", async () => {
    const run = await exampleRun("small");
    const subject = (name: string) => reveal(run.named(name, REQUEST).inputs["subject"] ?? null);
    assert.deepEqual(subject("dev-pki-admin"), {
      commonName: "kubernetes-admin",
      organization: "kubeadm:cluster-admins",
    });
    assert.deepEqual(subject("dev-pki-joiner"), { commonName: "ha-kubernetes:joiner" });
  });

  it("renews leaves half a year before their end, and no CA by itself", async () => {
    const run = await exampleRun("small");
    const hours = ({ inputs }: { inputs: Record<string, Wire> }) => [
      inputs["validityPeriodHours"],
      inputs["earlyRenewalHours"],
    ];
    for (const leaf of run.of(LEAF)) assert.deepEqual(hours(leaf), [3 * 365 * 24, 180 * 24]);
    for (const ca of run.of(AUTHORITY)) assert.deepEqual(hours(ca), [10 * 365 * 24, undefined]);
  });

  it("makes no certificates of members where masters hold etcd", async () => {
    const all = Object.values(signed(await exampleRun("medium"))).flat();
    assert.deepEqual(
      all.filter((name) => /-(peer|server)-/.test(name)),
      [],
    );
  });

  it("signs with the operator's own CAs, and makes none then", async () => {
    const own = (name: string) => ({ certPem: `own ${name}`, keyPem: `key of own ${name}` });
    const run = await build(example("small"), {
      clusterCa: own("cluster"),
      frontProxyCa: own("front-proxy"),
      etcdCa: own("etcd"),
    });
    assert.deepEqual(ofPki(run, AUTHORITY), []);
    assert.deepEqual(Object.keys(signed(run)).sort(), ["own cluster", "own etcd"]);
    for (const { name, inputs } of ofPki(run, LEAF)) {
      assert.equal(secretIn(inputs["caPrivateKeyPem"]), `key of ${text(inputs["caCertPem"])}`, name);
    }
    assert.ok(ofPki(run, KEY).every(({ name }) => !name.endsWith("-ca")));
    const stdin = text(run.named("dev-master-master-1-kubeadm").inputs["stdin"]);
    assert.match(stdin, /^=== \/etc\/kubernetes\/pki\/ca\.key\nkey of own cluster$/m);
    assert.match(stdin, /^=== \/etc\/kubernetes\/pki\/front-proxy-ca\.key\nkey of own front-proxy$/m);
  });

  it("takes one CA of the operator's and makes the others", async () => {
    const run = await build(example("small"), { clusterCa: { certPem: "own", keyPem: "key" } });
    assert.deepEqual(
      ofPki(run, AUTHORITY)
        .map(({ name }) => name)
        .sort(),
      ["dev-pki-etcd-ca", "dev-pki-front-proxy-ca"],
    );
  });

  it("gives a cluster another id for another CA, so that a host of an earlier one is told", async () => {
    const ids = await Promise.all(
      ["one", "two"].map(async (certPem) => {
        const run = await build(example("small"), { clusterCa: { certPem, keyPem: "key" } });
        return / cluster=(\w+)/.exec(text(run.named("dev-worker-worker-1-prepare").inputs["create"]))?.[1];
      }),
    );
    assert.match(ids[0] ?? "", /^[0-9a-f]{16}$/);
    assert.notEqual(ids[0], ids[1]);
  });
});
