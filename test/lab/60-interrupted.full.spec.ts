import { strict as assert } from "node:assert";
import type { TracedStep } from "../../lab/events";
import { fresh } from "./fresh";
import { killedUp } from "./kill";
import { randomMoments, SEED, type Moment as Random } from "./moments";
import { assertOneCluster, caInState } from "./oneCluster";
import { progress, up } from "./support";
import { locks, upEndedByCtrlC, type Moment } from "./terminal";

const SHAPE = { topology: "stacked", masters: 3, workers: 3 } as const;
const KILLS = 6;

/** A plain rerun ends with one cluster, of the CA that was made first. */
async function finishedByRerun(): Promise<TracedStep[]> {
  const before = await caInState();
  const { steps } = await up();
  if (before) assert.equal(await caInState(), before, "a second CA was made");
  await assertOneCluster();
  return steps;
}

describe("up ended by Ctrl-C in a terminal", () => {
  let whole: TracedStep[] = [];

  /** Ends an `up` on what the ones before left. */
  function ends(when: Moment, presses: 1 | 2): void {
    it(`ends at a Ctrl-C pressed ${presses === 1 ? "once" : "twice"} in ${when}`, async () => {
      const said = await upEndedByCtrlC(when, presses);
      if (when.startsWith("lab-")) assert.match(said, /interrupted: pulumi up ends in order/);
      if (presses === 1) assert.deepEqual(await locks(), [], "it ended in order and gave its lock back");
    });
  }

  describe("in its first seconds", () => {
    before(() => fresh(SHAPE));
    ends("the command's first second", 1);
    ends("the engine's first second", 1);
    it("is finished by a rerun, as one cluster", async () => {
      whole = await finishedByRerun();
    });
  });

  describe("in the midst of it", () => {
    before(() => fresh(SHAPE));
    ends("lab-master-m1-kubeadm", 1);
    ends("lab-worker-w2-join", 1);
    it("is finished by a rerun, as one cluster", async () => {
      await finishedByRerun();
    });
  });

  describe("twice", () => {
    before(() => fresh(SHAPE));
    ends("the engine's first second", 2);
    ends("lab-master-m2-kubeadm", 2);
    it("is finished by a rerun, as one cluster", async () => {
      await finishedByRerun();
    });
  });

  describe(`or by SIGKILL at random moments of a whole build (HA_LAB_SEED=${SEED})`, () => {
    let moments: Random[] = [];
    before(() => {
      moments = randomMoments(whole, KILLS, SEED);
      for (const { step, after } of moments) progress.say(`will kill ${after.toFixed(1)} s into ${step}`);
    });

    for (let i = 0; i < KILLS; i++)
      it(`is finished by a rerun, as one cluster: kill ${i + 1} of ${KILLS}`, async () => {
        const moment = moments[i];
        assert(moment);
        await fresh(SHAPE);
        await killedUp(moment.step, moment.after);
        await finishedByRerun();
      });
  });
});
