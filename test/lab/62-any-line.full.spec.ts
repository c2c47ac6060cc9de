import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hostsOf } from "../../lab/shape";
import { OperationError } from "../../lab/up";
import { fresh } from "./fresh";
import { random } from "./moments";
import { caInState } from "./oneCluster";
import { kubectl, on, progress, saveKubeconfig, up } from "./support";

/** HA_LAB_SEED repeats the kills of an earlier run. */
const SEED = process.env["HA_LAB_SEED"] ?? randomBytes(4).toString("hex");
const SHAPE = { topology: "external", masters: 3, workers: 3 } as const;
/** Phases of each role's script, as `up` runs them. */
const PHASES = {
  etcd: ["install", "health"],
  loadbalancer: ["prepare", "install"],
  master: ["prepare", "kubeadm", "check"],
  worker: ["prepare", "join"],
} as const;
/** Kills of each phase on each host, one in each equal part of its lines. */
const KILLS = 2;
/** More lines than any phase has. */
const NEVER = 1_000_000;

const phases = hostsOf(SHAPE).flatMap(({ name, role }) =>
  PHASES[role].filter((phase) => phase !== "check" || name === "m1").map((phase) => ({ host: name, phase })),
);

/** From now on each run of the phase on the host is killed before the next of these, counted in lines it comes to. */
async function plan(host: string, phase: string, kills: readonly number[]): Promise<void> {
  const killer = readFileSync(join(__dirname, "killer.sh"), "utf8");
  await on(
    host,
    `mkdir -p /root/kills
    printf '%s\\n' ${kills.join(" ")} >/root/kills/${phase}
    echo 'export BASH_ENV=/root/killer.sh' >/root/.bashrc
    cat >/root/killer.sh <<'END'\n${killer}\nEND`,
  );
}

/** What was killed so far, on all hosts. */
async function killed(): Promise<string[]> {
  const lines = await Promise.all(
    hostsOf(SHAPE).map(({ name }) => on(name, `sed 's/^/${name}: /' /root/killed 2>/dev/null || true`)),
  );
  return lines.flatMap((text) => text.split("\n")).filter(Boolean);
}

async function succeeds(): Promise<boolean> {
  try {
    await up();
    return true;
  } catch (error) {
    assert(error instanceof OperationError, String(error));
    return false;
  }
}

describe(`scripts that are killed on their hosts at any line (HA_LAB_SEED=${SEED})`, () => {
  const lines = new Map<string, number>();

  it("are counted in a build that nothing disturbs", async () => {
    await fresh(SHAPE);
    for (const { host, phase } of phases) await plan(host, phase, [NEVER]);
    await up();
    for (const { host, phase } of phases)
      lines.set(`${host} ${phase}`, Number(await on(host, `cat /root/kills/${phase}.count`)));
    progress.say([...lines].map(([what, count]) => `${what} ${count}`).join(", "));
  });

  it("fail `up` each time, until it ends as one cluster of the first CA", async () => {
    await fresh(SHAPE);
    for (const { host, phase } of phases) {
      const count = lines.get(`${host} ${phase}`) ?? 0;
      const part = count / KILLS;
      const at = (i: number) => 1 + Math.floor((i + random(`${SEED}/${host}/${phase}/${i}`)) * part);
      await plan(
        host,
        phase,
        Array.from({ length: KILLS }, (_, i) => at(i)),
      );
    }
    let ca: string | undefined;
    let kills = 0;
    for (let runs = 1; !(await succeeds()); runs++) {
      const before = kills;
      kills = (await killed()).length;
      assert(kills > before, `run ${runs} failed, but no script was killed in it`);
      ca ??= await caInState();
      assert.equal(await caInState(), ca, "a second CA was made");
    }
    for (const kill of await killed()) progress.say(`killed: ${kill}`);
    const planned = phases.length * KILLS;
    progress.say(`${kills} of ${planned} kills reached their line`);
    assert(kills > planned / 2);
    assert.equal(await caInState(), ca);
  });

  it("leave a cluster whose nodes are Ready and whose etcd members are known once", async () => {
    await saveKubeconfig();
    assert.equal((await kubectl("get", "nodes", "--no-headers")).match(/ Ready /g)?.length, 6);
    const members = await on("e1", "set -a; . /etc/etcd/etcdctl.env; etcdctl member list");
    assert.deepEqual(
      members.match(/started, e\d/g)?.sort(),
      ["started, e1", "started, e2", "started, e3"],
      members,
    );
    assert(!members.includes(", true"), members);
  });

  it("change nothing in another `up`", async () => {
    assert.deepEqual(Object.keys((await up()).changes), ["same"]);
  });
});
