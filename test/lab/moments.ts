import { createHash, randomBytes } from "node:crypto";
import type { TracedStep } from "../../lab/events";

/** Of all that is random in a run of the lab's tests: HA_LAB_SEED repeats an earlier one. */
export const SEED = process.env["HA_LAB_SEED"] ?? randomBytes(4).toString("hex");

/** A moment of a build: seconds after the step of this name began. */
export interface Moment {
  step: string;
  after: number;
}

/**
 * One moment in each of `count` equal parts of a build, at random by the seed; `steps` are the trace of one like it.
 * Steps say it better than the clock: the next build may be slower or faster.
 */
export function randomMoments(steps: readonly TracedStep[], count: number, seed: string): Moment[] {
  const sorted = [...steps].sort((a, b) => a.from - b.from);
  const begin = Math.min(...sorted.map(({ from }) => from));
  // The last step is left half out: a faster build would be over.
  const end = Math.max(...sorted.map(({ from, to }) => (from + to) / 2));
  return spread(count, seed).map((part) => {
    const at = begin + part * (end - begin);
    const step = sorted.filter(({ from }) => from <= at).at(-1) ?? sorted[0];
    if (!step) throw new Error("the build has no steps");
    return { step: step.name, after: Math.min(at - step.from, (step.to - step.from) / 2) / 1000 };
  });
}

/** A number in each of `count` equal parts of 0 to 1, at random by the seed. */
export function spread(count: number, seed: string): number[] {
  return Array.from({ length: count }, (_, i) => (i + random(`${seed}/${i}`)) / count);
}

/** A number from 0 to 1 that the text decides. */
function random(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;
}
