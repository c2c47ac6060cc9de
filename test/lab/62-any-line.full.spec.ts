import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { storedResources } from "../../lab/checkpoint";
import { hostsOf } from "../../lab/shape";
import { fresh } from "./fresh";
import { SEED, spread } from "./moments";
import { caInState } from "./oneCluster";
import { lab, on, progress, readyNodes, saveKubeconfig, triedUp, up } from "./support";

const SHAPE = { topology: "external", masters: 3, workers: 3 } as const;
const KILLER = readFileSync(join(__dirname, "killer.sh"), "utf8");
/** Kills of each phase on each host, one in each equal part of its lines. */
const KILLS = 2;

/** A phase of a script on a host, and how many of its lines a whole build comes to. */
interface Phase {
  host: string;
  phase: string;
  lines: number;
}

/** The same on every host at once. */
async function everywhere<T>(what: (host: string) => Promise<T[]>): Promise<T[]> {
  return (await Promise.all(hostsOf(SHAPE).map(({ name }) => what(name)))).flat();
}

/** New hosts with the killer on them, which kills these phases; without any it only counts. */
async function armed(phases: readonly Phase[] = []): Promise<void> {
  await fresh(SHAPE);
  await everywhere(async (host) => {
    const kills = phases
      .filter((phase) => phase.host === host)
      .map(({ phase, lines }) => {
        const at = spread(KILLS, `${SEED}/${host}/${phase}`).map((part) => 1 + Math.floor(part * lines));
        return `printf '%s\\n' ${at.join(" ")} >/root/kills/${phase}`;
      });
    const install = `
      echo 'export BASH_ENV=/root/killer.sh' >/root/.bashrc
      cat >/root/killer.sh <<'END'\n${KILLER}\nEND`;
    await on(host, ["mkdir -p /root/kills", ...kills, install].join("\n"));
    return [];
  });
}

/** What ran, as the killer counted it. */
async function counted(): Promise<Phase[]> {
  return everywhere(async (host) => {
    const text = await on(host, "cd /root/kills && grep -H . -- *.lines");
    return text.split("\n").map((line) => {
      const [file = "", lines] = line.split(":");
      return { host, phase: file.replace(/\.lines$/, ""), lines: Number(lines) };
    });
  });
}

/** What was killed so far. */
async function killed(): Promise<string[]> {
  return everywhere(async (host) =>
    (await on(host, `sed 's/^/${host}: /' /root/killed 2>/dev/null || true`)).split("\n").filter(Boolean),
  );
}

describe(`scripts that are killed on their hosts at any line (HA_LAB_SEED=${SEED})`, () => {
  let phases: Phase[] = [];

  it("are counted in a build that nothing disturbs", async () => {
    await armed();
    await up();
    phases = await counted();
    progress.say(phases.map(({ host, phase, lines }) => `${host} ${phase} ${lines}`).join(", "));
    const ofEngine = (await storedResources(lab))
      .filter(({ type }) => type === "command:remote:Command")
      .map(({ urn }) => urn.replace(/^.*::lab-[a-z]+-/, ""));
    assert.deepEqual(phases.map(({ host, phase }) => `${host}-${phase}`).sort(), ofEngine.sort());
  });

  it("fail `up` each time, until it ends as one cluster of the first CA", async () => {
    await armed(phases);
    let ca: string | undefined;
    let kills: string[] = [];
    for (let runs = 1; await triedUp(); runs++) {
      const before = kills.length;
      kills = await killed();
      assert(kills.length > before, `run ${runs} failed, but no script was killed in it`);
      const now = await caInState();
      ca ??= now;
      assert.equal(now, ca, "a second CA was made");
    }
    for (const kill of kills) progress.say(`killed: ${kill}`);
    const planned = phases.length * KILLS;
    progress.say(`${kills.length} of ${planned} kills reached their line`);
    assert(kills.length > planned / 2);
    assert.equal(await caInState(), ca);
  });

  it("leave a cluster whose nodes are Ready and whose etcd members are known once", async () => {
    await saveKubeconfig();
    assert.equal(await readyNodes(), 6);
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
