import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { thisLab } from "../lab/lab";
import { Progress } from "../lab/progress";
import { run } from "../lab/run";
import { clear, measureByHand, measureUp } from "./arms";
import type { HandRun, UpRun } from "./figures";
import { report } from "./report";

/** Minutes after which a run of both arms has surely gone wrong. */
const MINUTES_PER_RUN = 25;

interface Options {
  runs: number;
  arm: "both" | "up" | "by-hand";
  save?: boolean;
}

const lab = thisLab();

new Command("bench")
  .description("Times pulumi up in the lab, beside a script that an operator would write by hand")
  .option("--runs <n>", "runs of each arm", count, 3)
  .addOption(new Option("--arm <arm>", "what to run").choices(["both", "up", "by-hand"]).default("both"))
  .option("--save", "write the result into bench/results")
  .action(bench)
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });

/** The arms in turn, each on hosts of its own; the lab is removed whatever happens. */
async function bench({ runs, arm, save }: Options): Promise<void> {
  const progress = new Progress(30);
  const limit = setTimeout(
    () => void giveUp(`it took more than ${runs * MINUTES_PER_RUN} minutes`),
    runs * MINUTES_PER_RUN * 60_000,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void giveUp(signal));
  const ups: UpRun[] = [];
  const hands: HandRun[] = [];
  try {
    for (let i = 1; i <= runs; i++) {
      progress.say(
        `== run ${i} of ${runs}; load ${loadavg()
          .map((load) => load.toFixed(1))
          .join(" ")}`,
      );
      if (arm !== "by-hand")
        ups.push(await progress.stage("up, second up and preview", () => measureUp(lab, progress)));
      if (arm !== "up") hands.push(await progress.stage("by hand", () => measureByHand(lab, progress)));
    }
  } finally {
    clearTimeout(limit);
    await clear(lab);
    progress.stop();
  }
  const day = new Date().toISOString().slice(0, 10);
  const commit = await run("git", ["-C", lab.root, "rev-parse", "--short", "HEAD"]);
  const text = report({ day, commit, machine: machine(), ups, hands });
  process.stdout.write(text);
  if (save) {
    await mkdir(join(__dirname, "results"), { recursive: true });
    await writeFile(join(__dirname, "results", `${day}-${commit}.md`), text);
  }
}

async function giveUp(why: string): Promise<void> {
  process.stderr.write(`bench: ended, ${why}\n`);
  await clear(lab).catch((error: unknown) => process.stderr.write(`bench: ${String(error)}\n`));
  process.exit(1);
}

function machine(): string {
  const load = loadavg()[2] ?? 0;
  return `${cpus().length} processors, load of the last quarter of an hour ${load.toFixed(1)}`;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("a whole number from 1 on, please");
  return value;
}
