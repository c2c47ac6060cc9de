import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

/** Where a lab is and what it is called; two labs share nothing but the base root. */
export interface Lab {
  /** Folder of everything the lab writes. */
  readonly dir: string;
  /** At most 10 of a-z and 0-9; names the bridge and the cgroups. */
  readonly id: string;
  /** Name of the network namespace. */
  readonly netns: string;
}

export interface LabHost {
  /** At most 12 of a-z, 0-9 and `-`, as the name of its network port has 15. */
  readonly name: string;
  readonly address: string;
  /** Claim to the processors where all hosts want them, in units of a host that has none: 1 by default. */
  readonly weight?: number;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type OnProgress = (line: string) => void;

// More at once only wait for each other's disk and processor.
const startsAtOnce = 4;

const silent: OnProgress = () => undefined;

/** Make the base root unless it is there; gives its path. */
export async function ensureBase(onProgress: OnProgress = silent): Promise<string> {
  return (await script("base.sh", [], process.env, onProgress)).trim();
}

/** Make the ssh keys, which the inventory pins before a host has booted; gives each host's public key. */
export async function keys(lab: Lab, names: readonly string[]): Promise<Record<string, string>> {
  await host(lab, "keys", ...names);
  const read = async (name: string) =>
    [name, (await readFile(path.join(lab.dir, "ssh", `host_${name}_ed25519.pub`), "utf8")).trim()] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}

/** Start the network and what does not run yet; resolves when all answer by ssh. */
export async function up(
  lab: Lab,
  hosts: readonly LabHost[],
  onProgress: OnProgress = silent,
): Promise<void> {
  const began = Date.now();
  await ensureBase(onProgress);
  await script("machine.sh", ["up"], process.env, onProgress);
  await script("net.sh", ["up"], environment(lab), onProgress);
  await keys(
    lab,
    hosts.map(({ name }) => name),
  );
  const waiting = [...hosts];
  const boots: Promise<unknown>[] = [];
  const failures: string[] = [];
  let answering = 0;
  const fail = (error: unknown) => failures.push(String(error));
  const boot = async (name: string) => {
    await host(lab, "wait", name);
    answering += 1;
    onProgress(
      `${name} answers, ${answering} of ${hosts.length}, ${((Date.now() - began) / 1000).toFixed(1)} s`,
    );
  };
  const starter = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await host(lab, "start", next.name, next.address, ...(next.weight ? [String(next.weight)] : []));
      boots.push(boot(next.name).catch(fail));
    }
  };
  await Promise.all(Array.from({ length: startsAtOnce }, () => starter().catch(fail)));
  await Promise.all(boots);
  if (failures.length > 0) {
    throw new Error(failures.join("\n"));
  }
}

/** End and remove everything but the keys; rejects with a list when something is left. */
export async function down(lab: Lab, onProgress: OnProgress = silent): Promise<void> {
  await script("host.sh", ["down"], environment(lab), onProgress);
  await script("machine.sh", ["down"], process.env, onProgress);
}

export async function running(lab: Lab): Promise<LabHost[]> {
  return pairs(await host(lab, "running")).map(([name, address]) => ({ name, address }));
}

/** Bytes in use per host, without file pages that the kernel can drop. */
export async function memory(lab: Lab): Promise<Record<string, number>> {
  return Object.fromEntries(pairs(await host(lab, "memory")).map(([name, bytes]) => [name, Number(bytes)]));
}

/** Boot a host that has a disk, and wait for its sshd. */
export async function start(lab: Lab, name: string): Promise<void> {
  await host(lab, "start", name);
  await host(lab, "wait", name);
}

/** Power off in good order. */
export async function stop(lab: Lab, name: string): Promise<void> {
  await host(lab, "stop", name);
}

/** Sudden loss of power; the disk stays. */
export async function kill(lab: Lab, name: string): Promise<void> {
  await host(lab, "kill", name);
}

/** Sudden loss of power and of the disk; `up` makes the host anew, with the same ssh host key. */
export async function wipe(lab: Lab, name: string): Promise<void> {
  await host(lab, "wipe", name);
}

/** Drop all packets of a host without its link going down, until `uncut` or a restart. */
export async function cut(lab: Lab, name: string): Promise<void> {
  await host(lab, "cut", name);
}

export async function uncut(lab: Lab, name: string): Promise<void> {
  await host(lab, "uncut", name);
}

/** Run a shell command as root inside a host, past the network; a non-zero exit is a result, not an error. */
export async function exec(lab: Lab, name: string, command: string): Promise<ExecResult> {
  const args = [scriptPath("host.sh"), "exec", name, "bash", "-c", command];
  try {
    const output = await promisify(execFile)("bash", args, { env: environment(lab), maxBuffer: 64 << 20 });
    return { code: 0, ...output };
  } catch (error) {
    if (isExit(error)) {
      return { code: error.code, stdout: error.stdout, stderr: error.stderr };
    }
    throw error;
  }
}

function host(lab: Lab, ...args: string[]): Promise<string> {
  return script("host.sh", args, environment(lab), silent);
}

function script(
  name: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  onProgress: OnProgress,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", [scriptPath(name), ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    const said: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    createInterface({ input: child.stderr }).on("line", (line) => {
      said.push(line);
      onProgress(line);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) {
        resolve(stdout);
      } else {
        const outcome = signal ?? `exit code ${code}`;
        reject(
          new Error(
            [`${name} ${args.join(" ")}: ${outcome}`, ...said.slice(-20), stdout.trim()].join("\n").trim(),
          ),
        );
      }
    });
  });
}

function scriptPath(name: string): string {
  return path.join(__dirname, name);
}

function environment(lab: Lab): NodeJS.ProcessEnv {
  return { ...process.env, LAB_DIR: lab.dir, LAB_ID: lab.id, LAB_NETNS: lab.netns };
}

function pairs(lines: string): [string, string][] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [first = "", second = ""] = line.split(" ");
      return [first, second];
    });
}

function isExit(error: unknown): error is Error & ExecResult {
  return error instanceof Error && "code" in error && typeof error.code === "number";
}
