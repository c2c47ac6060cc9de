import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { down } from "../lab/hosts/hosts";
import { thisLab } from "../lab/lab";
import { Progress } from "../lab/progress";
import { run } from "../lab/run";
import { clear, measureByHand, measureUp } from "./arms";
import type { HandRun, UpRun } from "./figures";
import { Processor } from "./processor";
import { report, type Result } from "./report";

/** Minutes after which a run of both arms has surely gone wrong. */
const MINUTES_PER_RUN = 25;

interface Options {
  runs: number;
  arm: "all" | "up" | "by-hand" | "services";
  save?: boolean;
}

const lab = thisLab();

new Command("bench")
  .description("Times pulumi up in the lab, beside a script that an operator would write by hand")
  .option("--runs <n>", "runs of each arm", count, 3)
  .addOption(
    new Option("--arm <arm>", "what to run").choices(["all", "up", "by-hand", "services"]).default("all"),
  )
  .option("--save", "write the result into bench/results")
  .action(bench)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });

/** The arms in turn, each on hosts of its own; the lab is removed whatever happens, and what was measured is shown. */
async function bench({ runs, arm, save }: Options): Promise<void> {
  const progress = new Progress(30);
  const processor = new Processor(lab);
  const minutes = runs * MINUTES_PER_RUN;
  let ended: string | undefined;
  // With its hosts gone, the arm that runs fails, and the lab is removed as after any failure.
  const end = (why: string) => {
    ended ??= why;
    progress.say(`ended: ${why}`);
    void down(lab);
  };
  const limit = setTimeout(() => end(`it took more than ${minutes} minutes`), minutes * 60_000);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => end(signal));
  const ups: UpRun[] = [];
  const hands: HandRun[] = [];
  const services: UpRun[] = [];
  const wanted = (one: Options["arm"]) => arm === "all" || arm === one;
  const stage = async <T>(title: string, into: T[], measure: () => Promise<T>) => {
    if (ended !== undefined) throw new Error(`ended: ${ended}`);
    into.push(await progress.stage(title, measure));
  };
  try {
    for (let i = 1; i <= runs; i++) {
      progress.say(`== run ${i} of ${runs}`);
      if (wanted("up")) await stage("`up` arm", ups, () => measureUp(lab, processor, progress, "bare"));
      if (wanted("by-hand")) await stage("by-hand arm", hands, () => measureByHand(lab, processor, progress));
      if (wanted("services"))
        await stage("`up` arm with services", services, () => measureUp(lab, processor, progress, "whole"));
    }
  } finally {
    clearTimeout(limit);
    await clear(lab);
    processor.stop();
    progress.stop();
    if (ups.length + hands.length + services.length > 0) await show({ ups, hands, services }, save ?? false);
  }
}

async function show(runs: Pick<Result, "ups" | "hands" | "services">, save: boolean): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const commit = await run("git", ["-C", lab.root, "rev-parse", "--short", "HEAD"]);
  const text = report({ day, commit, machine: `${cpus().length} processors`, ...runs });
  process.stdout.write(text);
  if (!save) return;
  await mkdir(join(__dirname, "results"), { recursive: true });
  await writeFile(join(__dirname, "results", `${day}-${commit}.md`), text);
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("a whole number from 1 on, please");
  return value;
}
