import { strict as assert } from "node:assert";
import * as hosts from "../../lab/hosts/hosts";
import { eventually, kubectl, lab, on, progress, sleep } from "./support";
import { Probe } from "./probe";

const VIP = "192.168.10.100";

/** The load balancer that holds the VIP. */
async function owner(): Promise<string> {
  for (const name of ["lb1", "lb2"]) {
    if ((await on(name, "ip -o address")).includes(`${VIP}/`)) return name;
  }
  throw new Error("nobody has the VIP");
}

/** Does something bad while a client asks; the client's longest gap in seconds. */
async function gapDuring(title: string, fault: () => Promise<unknown>, seconds = 6): Promise<number> {
  const probe = new Probe();
  await sleep(1500);
  await fault();
  await sleep(seconds * 1000);
  const { gap, failed, answers } = probe.stop();
  assert(answers > 10, "the client got no answers at all");
  progress.say(`${title}: longest gap ${gap.toFixed(2)} s, ${failed} requests failed, ${answers} answered`);
  return gap;
}

describe("failover", () => {
  it("moves the VIP when its owner's HAProxy stops, and back", async () => {
    await eventually(20, async () => assert.equal(await owner(), "lb1"));
    const gap = await gapDuring("HAProxy of the VIP's owner stopped", () =>
      on("lb1", "systemctl stop haproxy"),
    );
    assert.equal(await owner(), "lb2");
    assert(gap < 5, `gap ${gap} s`);
    const back = await gapDuring("HAProxy started again", () => on("lb1", "systemctl start haproxy"), 10);
    await eventually(20, async () => assert.equal(await owner(), "lb1"));
    assert(back < 5, `gap ${back} s`);
  });

  it("moves the VIP when its owner is cut off, and back", async () => {
    const gap = await gapDuring("the VIP's owner cut off", () => hosts.cut(lab, "lb1"));
    assert((await on("lb2", "ip -o address")).includes(`${VIP}/`));
    assert(gap < 5, `gap ${gap} s`);
    const back = await gapDuring("the owner's cable in again", () => hosts.uncut(lab, "lb1"), 10);
    await eventually(20, async () => assert.equal(await owner(), "lb1"));
    assert(!(await on("lb2", "ip -o address")).includes(`${VIP}/`), "both have the VIP");
    assert(back < 5, `gap ${back} s`);
  });

  it("survives the death of an API server", async () => {
    const gap = await gapDuring("an API server killed", () => on("m2", "kill -9 $(pgrep -x kube-apiserver)"));
    assert(gap < 5, `gap ${gap} s`);
  });

  it("survives the loss of power of a master and an etcd member, which come back", async () => {
    const gap = await gapDuring("a master and an etcd member without power", async () => {
      await Promise.all([hosts.kill(lab, "m3"), hosts.kill(lab, "e2")]);
    });
    assert(gap < 8, `gap ${gap} s`);
    await Promise.all([hosts.start(lab, "m3"), hosts.start(lab, "e2")]);
    await eventually(120, async () => {
      assert.equal(
        await kubectl("get", "node", "m3", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}"),
        "True",
      );
      await on("e1", "set -a; . /etc/etcd/etcdctl.env; etcdctl endpoint health --cluster");
    });
  });
});
