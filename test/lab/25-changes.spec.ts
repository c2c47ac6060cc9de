import { strict as assert } from "node:assert";
import { CommandError } from "../../lab/run";
import { engineOf } from "../../lab/up";
import { Probe } from "./probe";
import { editConfig, lab, on, progress, up } from "./support";

const MEMBERS = ["e1", "e2", "e3"];
const GIB = 2 ** 30;

/** When a member was started last, in seconds since the machine's start. */
async function startedAt(host: string): Promise<number> {
  return Number(await on(host, "systemctl show -p ActiveEnterTimestampMonotonic --value etcd")) / 1e6;
}

/** The limit that a running member has. */
async function quotaOf(host: string): Promise<number> {
  const metrics = "curl -fsS http://$(hostname -I | cut -d' ' -f1):2381/metrics";
  return Number(await on(host, `${metrics} | sed -n 's/^etcd_server_quota_backend_bytes //p'`));
}

/** Gives etcd another quota (undefined: the profile's) by `up`, and sees who was restarted. */
async function upWithQuota(quotaGiB: number | undefined): Promise<void> {
  await editConfig((cluster) => {
    const { quotaGiB: _, ...etcd } = cluster["etcd"] as Record<string, unknown>;
    cluster["etcd"] = { ...etcd, ...(quotaGiB !== undefined && { quotaGiB }) };
  });
  const { steps } = await up();
  const touched = steps.filter(({ type }) => type.startsWith("command:")).map(({ name }) => name);
  assert(touched.length > 0 && touched.every((name) => name.startsWith("lab-etcd-")), touched.join(", "));
}

describe("a change of a living cluster", () => {
  it("is refused in the preview where up can't carry it over, with what it was and the cure", async () => {
    await editConfig((cluster) => Object.assign(cluster["network"] as object, { podCidr: "10.200.0.0/16" }));
    const preview = (await engineOf(lab)).pulumi(["preview"]);
    await assert.rejects(preview, (error: unknown) => {
      assert(error instanceof CommandError);
      assert.match(
        error.output,
        /network\.podCidr: 10\.200\.0\.0\/16 was 10\.244\.0\.0\/16 when the cluster was built[^]*cure: take the change back/,
      );
      return true;
    });
    await editConfig((cluster) => delete (cluster["network"] as Record<string, unknown>)["podCidr"]);
  });

  it("restarts etcd's members one after the other for a new quota, without a gap of the API", async () => {
    const probe = new Probe();
    await upWithQuota(4);
    const { gap, failed, answers } = probe.stop();
    progress.say(
      `etcd restarted for a new quota: longest gap ${gap.toFixed(2)} s, ${failed} of ${answers} requests failed`,
    );
    assert(answers > 10, "the client got no answers at all");
    assert(gap < 8, `gap ${gap} s`);
    assert.deepEqual(
      await Promise.all(MEMBERS.map(quotaOf)),
      MEMBERS.map(() => 4 * GIB),
    );
    const times = (await Promise.all(MEMBERS.map(startedAt))).sort((a, b) => a - b);
    for (const [i, time] of times.slice(1).entries())
      assert(time - times[i]! > 0.5, `two members were started within ${time - times[i]!} s`);
  });

  it("goes back the same way", async () => {
    await upWithQuota(undefined);
    assert.deepEqual(
      await Promise.all(MEMBERS.map(quotaOf)),
      MEMBERS.map(() => 8 * GIB),
    );
  });
});
