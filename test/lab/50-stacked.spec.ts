import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { destroyAndLook } from "./destroy";
import { killedUp } from "./kill";
import { kubectl, on, ready, saveKubeconfig, state, up } from "./support";

/** Fingerprint of the cluster's CA in the state, once it is there. */
async function caInState(): Promise<string | undefined> {
  const { resources } = await state();
  const ca = resources.find(({ urn }) => urn.endsWith("::lab-pki-ca") && urn.includes("selfSignedCert"));
  const pem = ca?.outputs?.certPem;
  return typeof pem === "string" ? createHash("sha256").update(pem).digest("hex") : undefined;
}

describe("stacked etcd, its build killed again and again", () => {
  const seen = new Set<string>();

  before(() => ready({ topology: "stacked", masters: 3, workers: 3 }));

  for (const when of [0.7, 4, "lab-master-m1-kubeadm", "lab-master-m2-kubeadm", "lab-worker-w2-join"]) {
    it(`is killed ${typeof when === "number" ? `after ${when} s` : `in ${when}`} and keeps its CA`, async () => {
      await killedUp(when);
      const ca = await caInState();
      if (ca) seen.add(ca);
      assert(seen.size <= 1, "a second CA was made");
    });
  }

  it("is finished by a rerun, with the same CA", async () => {
    await up();
    await saveKubeconfig();
    const ca = await caInState();
    assert(ca);
    assert.deepEqual([...seen], [ca]);
    for (const host of ["m1", "m2", "m3"]) {
      assert.equal((await on(host, "sha256sum /etc/kubernetes/pki/ca.crt")).split(" ")[0], ca);
    }
  });

  it("has three etcd members, each once, and no learner", async () => {
    const members = await kubectl(
      ...["-n", "kube-system", "exec", "etcd-m1", "--", "etcdctl", "--endpoints=https://127.0.0.1:2379"],
      ...["--cacert=/etc/kubernetes/pki/etcd/ca.crt", "--cert=/etc/kubernetes/pki/etcd/server.crt"],
      ...["--key=/etc/kubernetes/pki/etcd/server.key", "member", "list"],
    );
    assert.deepEqual(
      members
        .split("\n")
        .map((line) => line.split(", ")[2])
        .sort(),
      ["m1", "m2", "m3"],
    );
    assert(!members.includes(", true"), members);
  });

  it("changes nothing the second time", async () => {
    assert.deepEqual(Object.keys((await up()).changes), ["same"]);
  });

  it("is destroyed to clean hosts although its API is already gone", async () => {
    await Promise.all(
      ["m1", "m2", "m3"].map((host) =>
        on(host, "systemctl stop kubelet; kill -9 $(pgrep -x kube-apiserver)"),
      ),
    );
    await destroyAndLook();
  });
});
