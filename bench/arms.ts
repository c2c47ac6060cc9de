import { spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { checkpointFile } from "../lab/checkpoint";
import type { Engine } from "../lab/engine";
import type { TracedStep } from "../lab/events";
import { down, memory } from "../lab/hosts/hosts";
import type { Lab } from "../lab/lab";
import type { Progress } from "../lab/progress";
import { DEFAULT_SHAPE, PARTS } from "../lab/shape";
import { operate, prepare, pulumiUp, readState } from "../lab/up";
import { BUNDLE_URL, renderByHand } from "./by-hand/render";
import { longestChain, waitsOf, type StateResource } from "./chain";
import type { Processor } from "./processor";
import type { HandRun, Step, UpRun } from "./figures";

/** A cluster without services. */
const BARE = { ...DEFAULT_SHAPE, without: PARTS };

/** Seconds after which the script is ended. */
const BY_HAND_LIMIT = 600;

/** Removes the lab's hosts, network and state. */
export async function clear(lab: Lab): Promise<void> {
  await down(lab);
  await rm(lab.dir, { recursive: true, force: true });
}

/** `pulumi up` on freshly booted hosts, a second one, and a preview. */
export async function measureUp(
  lab: Lab,
  processor: Processor,
  progress: Progress,
  cluster: "bare" | "whole",
): Promise<UpRun> {
  await clear(lab);
  const nothing = Date.now();
  const engine = await prepare(lab, cluster === "bare" ? BARE : DEFAULT_SHAPE, progress);
  const used = processor.count();
  const [follower, total] = await timed(() => pulumiUp(lab, engine, progress));
  const work = used();
  await saveKubeconfig(lab, engine);
  const fromNothing = since(nothing);
  const { steps } = follower;
  const startup = Math.min(...steps.map((step) => step.from)) / 1000;
  const end = Math.max(...steps.map((step) => step.to)) / 1000;
  const [again, second] = await timed(() => pulumiUp(lab, engine, progress));
  const [shown, preview] = await timed(() => operate(lab, engine, progress, ["preview", "--parallel", "48"]));
  return {
    total,
    startup,
    operations: end - startup,
    shutdown: total - end,
    fromNothing,
    second,
    preview,
    memory: Object.values(await memory(lab)).reduce((sum, bytes) => sum + bytes, 0) / 2 ** 30,
    changes: changesOf(again.changes) + changesOf(shown.changes),
    work,
    steps,
    chain: await chainOf(lab, steps),
  };
}

/** The by-hand script on freshly booted hosts; their config files are rendered before the clock starts. */
export async function measureByHand(lab: Lab, processor: Processor, progress: Progress): Promise<HandRun> {
  await clear(lab);
  await prepare(lab, BARE, progress);
  const state = await readState(lab);
  if (!state) throw new Error("the lab was not prepared");
  const folder = join(lab.dir, "by-hand");
  await renderByHand(lab, state.tools.bundle, folder);
  progress.begin("by-hand.sh");
  const used = processor.count();
  const [output, total] = await timed(() => byHand(lab, folder, progress));
  const work = used();
  progress.end("by-hand.sh");
  await writeFile(join(lab.dir, "by-hand.log"), output);
  const lines = [...output.matchAll(/^([\w-]+)\t(\d+)\t(\d+)$/gm)];
  const steps = lines.map(([, name = "", from, to]) => ({ name, from: Number(from), to: Number(to) }));
  return { total, work, steps };
}

function byHand(lab: Lab, folder: string, progress: Progress): Promise<string> {
  const script = join(__dirname, "by-hand", "by-hand.sh");
  const words = [
    `--net=/run/netns/${lab.netns}`,
    "timeout",
    String(BY_HAND_LIMIT),
    "bash",
    script,
    folder,
    BUNDLE_URL,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn("nsenter", words, { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => progress.say(data.toString().trimEnd()));
    child.on("error", reject);
    // Not "close": an ssh connection that lingers would hold the pipes open.
    child.on("exit", (code) =>
      code === 0
        ? resolve(stdout)
        : reject(new Error(`by-hand.sh ended with exit code ${code ?? "none"}:\n${stdout}`)),
    );
  });
}

async function saveKubeconfig(lab: Lab, engine: Engine): Promise<void> {
  const kubeconfig = await engine.pulumi(["stack", "output", "--show-secrets", "kubeconfig"]);
  await writeFile(join(lab.dir, "kubeconfig"), `${kubeconfig}\n`, { mode: 0o600 });
}

async function chainOf(lab: Lab, steps: readonly TracedStep[]): Promise<Step[]> {
  const { checkpoint } = JSON.parse(gunzipSync(await readFile(checkpointFile(lab))).toString()) as {
    checkpoint: { latest: { resources: StateResource[] } };
  };
  const { resources } = checkpoint.latest;
  const byUrn = steps.flatMap((step): [string, Step][] => {
    const found = resources.find(({ type, urn }) => type === step.type && urn.endsWith(`::${step.name}`));
    return found ? [[found.urn, step]] : [];
  });
  return longestChain(new Map(byUrn), waitsOf(resources));
}

function changesOf(changes: Record<string, number>): number {
  return Object.entries(changes).reduce((sum, [op, count]) => (op === "same" ? sum : sum + count), 0);
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const from = Date.now();
  return [await work(), since(from)];
}

function since(from: number): number {
  return (Date.now() - from) / 1000;
}
