import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serveBundle } from "./bundleServer";
import { storedResources } from "./checkpoint";
import { Engine } from "./engine";
import { EventFollower } from "./events";
import { ensureBase, up as bootHosts } from "./hosts/hosts";
import { relayInterrupts } from "./interrupt";
import type { Lab } from "./lab";
import { clearStaleLock } from "./lock";
import { serveObjectStore } from "./objectStore";
import { Progress } from "./progress";
import { DEFAULT_SHAPE, hostsOf, weightOf, type Shape } from "./shape";
import { SSH_KEY, STORE_KEYS, writeKnownHosts, writeStackConfig } from "./stackConfig";
import { getTools, type Tools } from "./tools";
import { traceTable } from "./trace";

/** A long operation of the engine failed; `errors` are the engine's own. */
export class OperationError extends Error {
  constructor(
    message: string,
    readonly errors: readonly string[],
  ) {
    super(message);
  }
}

/** What a running lab remembers. */
export interface LabState {
  shape: Shape;
  tools: Tools;
}

/** The state of the lab, or undefined before its first `up`. */
export async function readState(lab: Lab): Promise<LabState | undefined> {
  const text = await readFile(join(lab.dir, "lab.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as LabState);
}

/** The engine of a lab that was prepared before. */
export async function engineOf(lab: Lab): Promise<Engine> {
  const state = await readState(lab);
  if (!state) throw new Error("there is no lab in this checkout yet. Next: npm run lab");
  return new Engine(lab, state.tools.pulumi);
}

/** Tools, hosts, bundle server and config: everything before the engine's own work. */
export async function prepare(lab: Lab, wanted: Partial<Shape>, progress: Progress): Promise<Engine> {
  await mkdir(lab.dir, { recursive: true });
  const before = await readState(lab);
  const shape = { ...DEFAULT_SHAPE, ...before?.shape, ...wanted };
  if (before && before.shape.topology !== shape.topology && (await storedResources(lab)).length > 0) {
    throw new Error(
      `the cluster that stands is ${before.shape.topology}, etcd can't move under a living cluster. ` +
        "Next: npm run lab -- pulumi destroy --yes (or npm run lab -- down), then up again",
    );
  }
  const tools = await getTools(lab, shape, progress);
  const hosts = hostsOf(shape).map((host) => ({ ...host, weight: weightOf(host) }));
  await progress.stage("base root of the hosts", () => ensureBase((line) => progress.say(line)));
  await progress.stage(`${hosts.length} hosts boot and answer ssh`, () => bootHosts(lab, hosts));
  await serveBundle(lab, tools.bundle);
  const engine = new Engine(lab, tools.pulumi);
  await engine.prepare();
  await writeStackConfig(lab, shape, tools.bundle, engine.configFile);
  await writeKnownHosts(lab, shape);
  await setSecret(engine, SSH_KEY, await readFile(join(lab.dir, "ssh", "id_ed25519"), "utf8"));
  if (tools.objectStore !== undefined) {
    const anew = (await storedResources(lab)).length === 0;
    const { accessKey, secretKey } = await serveObjectStore(lab, tools.objectStore, anew);
    await setSecret(engine, STORE_KEYS.accessKeySecret, accessKey);
    await setSecret(engine, STORE_KEYS.secretKeySecret, secretKey);
  }
  await writeFile(join(lab.dir, "lab.json"), JSON.stringify({ shape, tools } satisfies LabState, null, 2));
  return engine;
}

/** One `pulumi up` with its progress; throws with the engine's own errors. */
export async function pulumiUp(lab: Lab, engine: Engine, progress: Progress): Promise<EventFollower> {
  return operate(lab, engine, progress, ["up", "--yes", "--skip-preview", "--parallel", "48"]);
}

/** Runs a long operation of the engine and follows its events. */
export async function operate(
  lab: Lab,
  engine: Engine,
  progress: Progress,
  args: string[],
): Promise<EventFollower> {
  await clearStaleLock(lab, engine, progress);
  const [name] = args;
  const events = join(lab.dir, `${name}-events.jsonl`);
  const log = join(lab.dir, `${name}.log`);
  await rm(events, { force: true });
  progress.begin(`pulumi ${name}`);
  const child = engine.start(args, log, events);
  const stopRelay = relayInterrupts(child, (count) =>
    progress.say(
      count === 1
        ? `interrupted: pulumi ${name} ends in order; once more ends it at once`
        : `interrupted again: pulumi ${name} ends at once`,
    ),
  );
  const follower = new EventFollower(events, progress);
  const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  stopRelay();
  follower.stop();
  progress.end(`pulumi ${name}`);
  if (code !== 0) {
    const message = `pulumi ${name} failed (exit code ${code}); its whole output is in ${log}`;
    throw new OperationError(message, follower.errors);
  }
  return follower;
}

/** `npm run lab`: from nothing, or from whatever stands, to a checked cluster. */
export async function up(lab: Lab, wanted: Partial<Shape>): Promise<void> {
  const progress = new Progress();
  try {
    const engine = await prepare(lab, wanted, progress);
    const follower = await progress.stage("pulumi up", () => pulumiUp(lab, engine, progress));
    const kubeconfig = await engine.pulumi(["stack", "output", "--show-secrets", "kubeconfig"]);
    await writeFile(join(lab.dir, "kubeconfig"), `${kubeconfig}\n`, { mode: 0o600 });
    process.stderr.write(traceTable(follower.steps));
    process.stderr.write(farewell(lab, follower.changes));
  } finally {
    progress.stop();
  }
}

/** Gives the stack a secret that it does not have. */
async function setSecret(engine: Engine, name: string, value: string): Promise<void> {
  if ((await readFile(engine.configFile, "utf8")).includes(`ha-kubernetes:${name}:`)) return;
  await engine.pulumi(["config", "set", "--secret", name], { input: value });
}

function farewell(lab: Lab, changes: Record<string, number>): string {
  const counts = Object.entries(changes)
    .map(([op, count]) => `${count} ${op}`)
    .join(", ");
  return `
The cluster stands and passed its checks (${counts}).
  VIP         https://192.168.10.100:6443 (in the lab's network namespace ${lab.netns})
  kubeconfig  ${join(lab.dir, "kubeconfig")}
Next:
  npm run lab -- kubectl get nodes -o wide
  npm run lab -- ssh m1
  npm run lab -- pulumi preview --diff
  npm run lab -- status
  npm run lab -- down
`;
}
