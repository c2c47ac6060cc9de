import { strict as assert } from "node:assert";
import { destroyAndLook } from "./destroy";
import { killedUp } from "./kill";
import { assertCaOnMasters, assertMembersOnce, caInState } from "./oneCluster";
import { on, ready, saveKubeconfig, up } from "./support";

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
    await assertCaOnMasters();
  });

  it("has three etcd members, each once, and no learner", () => assertMembersOnce());

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
