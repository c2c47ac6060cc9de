import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { kubectl, on, saveKubeconfig, state } from "./support";

const MASTERS = ["m1", "m2", "m3"];

/** Fingerprint of the cluster's CA in the state, once it is there. */
export async function caInState(): Promise<string | undefined> {
  const { resources } = await state();
  const ca = resources.find(({ urn }) => urn.endsWith("::lab-pki-ca") && urn.includes("selfSignedCert"));
  const pem = ca?.outputs?.certPem;
  return typeof pem === "string" ? createHash("sha256").update(pem).digest("hex") : undefined;
}

/** The state's CA is on every master. */
export async function assertCaOnMasters(): Promise<void> {
  const ca = await caInState();
  for (const host of MASTERS)
    assert.equal((await on(host, "sha256sum /etc/kubernetes/pki/ca.crt")).split(" ")[0], ca, host);
}

/** Stacked etcd has every master as a member, each once, and no learner. */
export async function assertMembersOnce(): Promise<void> {
  const members = await kubectl(
    ...["-n", "kube-system", "exec", "etcd-m1", "--", "etcdctl", "--endpoints=https://127.0.0.1:2379"],
    ...["--cacert=/etc/kubernetes/pki/etcd/ca.crt", "--cert=/etc/kubernetes/pki/etcd/server.crt"],
    ...["--key=/etc/kubernetes/pki/etcd/server.key", "member", "list"],
  );
  const names = members.split("\n").map((line) => line.split(", ")[2] ?? "");
  assert.deepEqual(names.sort(), MASTERS);
  assert(!members.includes(", true"), members);
}

/** The masters' logs know one `init` of all, and every node is Ready: what a stacked build of 3 and 3 must end with. */
export async function assertOneCluster(): Promise<void> {
  await saveKubeconfig();
  await assertCaOnMasters();
  await assertMembersOnce();
  const begun = await Promise.all(
    MASTERS.map((host) => on(host, "grep -cx -e '-- init' /var/log/ha-kubernetes/kubeadm.log || true")),
  );
  assert.deepEqual(begun, ["1", "0", "0"], "inits that the masters' logs show");
  const nodes = await kubectl(
    "get",
    "nodes",
    "-o",
    'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}',
  );
  assert.deepEqual(
    nodes.trim().split("\n").sort(),
    ["m1", "m2", "m3", "w1", "w2", "w3"].map((name) => `${name} True`),
  );
}
