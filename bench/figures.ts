/** One finished step of an arm, in milliseconds since the arm began. */
export interface Step {
  name: string;
  from: number;
  to: number;
  /** What the host's script said of its parts, in the last line. */
  parts?: string;
}

/** Seconds of processor time that an arm took, and the processors that all others left to it. */
export interface Work {
  /** On the lab's hosts. */
  hosts: number;
  /** On the machine: engine, program and plugins, or the script and ssh; and the bundle's server. */
  machine: number;
  free: number;
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
  /** GiB of all hosts at the end. */
  memory: number;
  /** Operations of the second `up` and the preview other than "same"; there must be none. */
  changes: number;
  work: Work;
  steps: Step[];
  chain: Step[];
}

/** Seconds of one run of the script. */
export interface HandRun {
  total: number;
  work: Work;
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
  unit: "s" | "x" | "GiB" | "";
}

/** What both arms have. */
type Run = Pick<UpRun, "total" | "work">;

/** Where `up` and the script are compared: pairs of runs side by side, so that a busy minute hits both. */
export function rows(ups: readonly UpRun[], hands: readonly HandRun[], services: readonly UpRun[]): Row[] {
  return [
    ...upRows(ups),
    ...workRows("`up`", ups),
    ...some("by-hand script", hands, ({ total }) => total),
    ...workRows("by hand", hands),
    ...ratio("`up` without start-up : script", ups, hands, (run) => run.total - startupOf(run), 1.25),
    ...ratio("processor time, `up` : script", ups, hands, ({ work }) => work.hosts + work.machine),
    ...serviceRows(ups, services),
  ];
}

/** What `npm run lab` makes, with all services; what they add is seen beside the run without them. */
function serviceRows(ups: readonly UpRun[], services: readonly UpRun[]): Row[] {
  const pairs = services.slice(0, ups.length).map((run, i) => [run, ups[i] ?? run] as const);
  return [
    ...some("`up` with all services", services, ({ total }) => total),
    ...some("- what they add", pairs, ([whole, bare]) => whole.total - bare.total, 90),
    ...some("- memory of the hosts, all services", services, ({ memory }) => memory, 8, "GiB"),
    ...some("second `up`, 0 changes", services, ({ second }) => second, 15),
    ...some("`preview`, 0 changes", services, ({ preview }) => preview, 15),
    ...some("`npm run lab` from nothing, warm cache", services, ({ fromNothing }) => fromNothing, 180),
  ];
}

function upRows(ups: readonly UpRun[]): Row[] {
  return [
    ...some("`up`, from booted hosts to passed checks", ups, ({ total }) => total, 100),
    ...some("- the engine's own start-up", ups, ({ startup }) => startup),
    ...some("- operations", ups, ({ operations }) => operations),
    ...some("- the engine's own end", ups, ({ shutdown }) => shutdown),
    ...some("- the longest chain of operations", ups, ({ chain }) => busy(chain)),
  ];
}

function workRows(arm: string, runs: readonly Run[]): Row[] {
  return [
    ...some(`- processor time of the hosts, ${arm}`, runs, ({ work }) => work.hosts),
    ...some(`- processor time of the machine, ${arm}`, runs, ({ work }) => work.machine),
    ...some(`- processors that others left, ${arm}`, runs, ({ work }) => work.free, undefined, ""),
  ];
}

/** A row, or none without runs. */
function some<T>(
  title: string,
  runs: readonly T[],
  value: (run: T) => number,
  goal?: number,
  unit: Row["unit"] = "s",
): Row[] {
  if (runs.length === 0) return [];
  return [{ title, unit, ...spread(runs.map(value)), ...(goal !== undefined && { goal }) }];
}

function ratio(
  title: string,
  ups: readonly UpRun[],
  hands: readonly HandRun[],
  value: (run: Run) => number,
  goal?: number,
): Row[] {
  const pairs = ups.slice(0, hands.length).map((run, i) => [run, hands[i] ?? run] as const);
  return some(title, pairs, ([run, hand]) => value(run) / value(hand), goal, "x");
}

function startupOf(run: Run): number {
  return "startup" in run && typeof run.startup === "number" ? run.startup : 0;
}

/** Seconds in which the steps of a chain really ran. */
export function busy(chain: readonly Step[]): number {
  return chain.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);
}
