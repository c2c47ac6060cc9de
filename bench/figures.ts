/** One finished step of an arm, in milliseconds since the arm began. */
export interface Step {
  name: string;
  from: number;
  to: number;
  /** What the host's script said of its parts, in the last line. */
  parts?: string;
}

/** Seconds of one `pulumi up` from freshly booted hosts, and of what follows it. */
export interface UpRun {
  total: number;
  /** Until the first step on a host or in the API begins. */
  startup: number;
  /** From there to the end of the last such step. */
  operations: number;
  /** From there to the end of the process. */
  shutdown: number;
  /** `npm run lab` from nothing: boot, bundle server, stack, `up`. */
  fromNothing: number;
  second: number;
  preview: number;
  /** Operations of the second `up` and the preview other than "same"; there must be none. */
  changes: number;
  steps: Step[];
  chain: Step[];
}

/** Seconds of one run of the script. */
export interface HandRun {
  total: number;
  steps: Step[];
}

/** Middle, least and most of some runs. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The median of an even number is the mean of the middle two. */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error("no values, no median");
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? NaN;
  const half = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(half)) + at(Math.ceil(half))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/** The run whose value is nearest to the median, for a trace that stands for all. */
export function medianRun<T>(runs: readonly T[], value: (run: T) => number): T {
  const { median } = spread(runs.map(value));
  const [first, ...rest] = runs;
  if (first === undefined) throw new Error("no runs, no median");
  const off = (run: T) => Math.abs(value(run) - median);
  return rest.reduce((best, run) => (off(run) < off(best) ? run : best), first);
}

/** One row of the result. */
export interface Row extends Spread {
  title: string;
  /** Most that the median should be; absent for rows that only explain. */
  goal?: number;
  unit: "s" | "x";
}

/** Where `up` and the script are compared: pairs of runs side by side, so that a busy minute hits both. */
export function rows(ups: readonly UpRun[], hands: readonly HandRun[]): Row[] {
  const seconds = (title: string, value: (run: UpRun) => number, goal?: number): Row => ({
    title,
    unit: "s",
    ...spread(ups.map(value)),
    ...(goal !== undefined && { goal }),
  });
  const fromUp =
    ups.length === 0
      ? []
      : [
          seconds("`up`, from booted hosts to passed checks", (run) => run.total, 100),
          seconds("- the engine's own start-up", (run) => run.startup),
          seconds("- operations", (run) => run.operations),
          seconds("- the engine's own end", (run) => run.shutdown),
          seconds("- the longest chain of operations", (run) => busy(run.chain)),
          seconds("second `up`, 0 changes", (run) => run.second, 15),
          seconds("`preview`, 0 changes", (run) => run.preview, 15),
          seconds("`npm run lab` from nothing, warm cache", (run) => run.fromNothing, 180),
        ];
  const byHand: Row[] =
    hands.length === 0
      ? []
      : [{ title: "by-hand script", unit: "s", ...spread(hands.map((run) => run.total)) }];
  const ratios = ups
    .slice(0, hands.length)
    .map((run, i) => (run.total - run.startup) / (hands[i]?.total ?? NaN));
  const ratio: Row[] =
    ratios.length === 0
      ? []
      : [{ title: "`up` without start-up : script", unit: "x", ...spread(ratios), goal: 1.25 }];
  return [...fromUp.slice(0, 5), ...byHand, ...ratio, ...fromUp.slice(5)];
}

/** Seconds in which the steps of a chain really ran. */
export function busy(chain: readonly Step[]): number {
  return chain.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);
}
