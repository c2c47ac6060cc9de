import { strict as assert } from "node:assert";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { EventFollower } from "../../lab/events";
import * as hosts from "../../lab/hosts/hosts";
import { thisLab } from "../../lab/lab";
import { Progress } from "../../lab/progress";
import { run } from "../../lab/run";
import { engineOf, OperationError, prepare, pulumiUp, readState } from "../../lab/up";
import type { Shape } from "../../lab/shape";

export const lab = thisLab();
export const progress = new Progress(30);

/** Config of the cluster as the tests change it. */
export interface Config {
  hosts: { name: string; address: string; role: string; ssh: Record<string, unknown> }[];
  [key: string]: unknown;
}

/** Hosts, bundle and a fresh config for a shape, without `up`. */
export async function ready(shape: Partial<Shape>): Promise<void> {
  await prepare(lab, shape, progress);
}

/** Changes the stack's config in place. */
export async function editConfig(change: (cluster: Config) => void): Promise<void> {
  const file = join(lab.dir, "Pulumi.lab.yaml");
  const stack = parse(await readFile(file, "utf8")) as { config: Record<string, Config> };
  const cluster = stack.config["ha-kubernetes:cluster"];
  assert(cluster);
  change(cluster);
  await writeFile(file, stringify(stack), { mode: 0o600 });
}

/** One `pulumi up`. */
export async function up(): Promise<EventFollower> {
  return pulumiUp(lab, await engineOf(lab), progress);
}

/** An `up` that must fail: gives the engine's errors and the seconds it took. */
export async function failingUp(): Promise<{ errors: string; seconds: number }> {
  const from = Date.now();
  const error = await triedUp();
  if (!error) throw new Error("up succeeded, it should have failed");
  return { errors: error.errors.join("\n"), seconds: (Date.now() - from) / 1000 };
}

/** An `up` that may fail: gives the engine's error, or nothing if it succeeded. */
export async function triedUp(): Promise<OperationError | undefined> {
  try {
    await up();
    return undefined;
  } catch (error) {
    assert(error instanceof OperationError, String(error));
    return error;
  }
}

/** Runs a shell command as root in a host; fails with its output if it fails. */
export async function on(host: string, command: string): Promise<string> {
  const { code, stdout, stderr } = await hosts.exec(lab, host, command);
  assert.equal(code, 0, `${host}: ${command}\n${stdout}${stderr}`);
  return stdout.trim();
}

/** kubectl as the administrator, through the VIP. */
export function kubectl(...args: string[]): Promise<string> {
  return runKubectl(["--request-timeout=10s", ...args]);
}

/** Makes or changes objects. */
export function apply(yaml: string, ...options: string[]): Promise<string> {
  return runKubectl(["apply", "--server-side", ...options, "-f", "-"], yaml);
}

/** Sends an object to a path of the API. */
export function create(path: string, object: object): Promise<string> {
  return runKubectl(["create", "--raw", path, "-f", "-"], JSON.stringify(object));
}

/** Waits until an object is as wanted: `--for=condition=Ready pod/x`. */
export function waitFor(seconds: number, ...args: string[]): Promise<string> {
  return runKubectl(["wait", `--timeout=${seconds}s`, ...args]);
}

async function runKubectl(args: string[], input?: string): Promise<string> {
  const state = await readState(lab);
  assert(state);
  const kubeconfig = join(lab.dir, "kubeconfig");
  return run(
    "nsenter",
    [`--net=/run/netns/${lab.netns}`, state.tools.kubectl, "--kubeconfig", kubeconfig, ...args],
    input === undefined ? {} : { input },
  );
}

/** Number of nodes that are Ready. */
export async function readyNodes(): Promise<number> {
  return (await kubectl("get", "nodes", "--no-headers")).match(/ Ready /g)?.length ?? 0;
}

/** Writes the kubeconfig that the stack gives out. */
export async function saveKubeconfig(): Promise<void> {
  const text = await (await engineOf(lab)).pulumi(["stack", "output", "--show-secrets", "kubeconfig"]);
  await writeFile(join(lab.dir, "kubeconfig"), `${text}\n`, { mode: 0o600 });
}

/** Tries again until it succeeds or the seconds are over; then fails as the last try did. */
export async function eventually<T>(seconds: number, attempt: () => Promise<T>): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(500);
    }
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The engine's stored state. */
export async function state(): Promise<{ resources: StoredResource[]; text: string }> {
  const text = await (await engineOf(lab)).pulumi(["stack", "export"]);
  const { deployment } = JSON.parse(text) as { deployment: { resources?: StoredResource[] } };
  return { resources: deployment.resources ?? [], text };
}

export interface StoredResource {
  urn: string;
  type: string;
  id?: string;
  outputs?: Record<string, unknown>;
}
