import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { begun } from "./kill";
import { lab, progress, sleep } from "./support";

const CTRL_C = "\x03";

/** When Ctrl-C is pressed: as the command starts, as the engine starts, or in the step of this name. */
export type Moment = "the command's first second" | "the engine's first second" | `lab-${string}`;

/** `npm run lab` in a terminal of its own, ended there by Ctrl-C; gives what it said. */
export async function upEndedByCtrlC(when: Moment, presses: 1 | 2): Promise<string> {
  const log = join(lab.dir, "up.log");
  const events = join(lab.dir, "up-events.jsonl");
  for (const file of [log, events]) await rm(file, { force: true });
  const terminal = spawn("script", ["-qfec", "npm run --silent lab", "/dev/null"], {
    cwd: lab.root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let said = "";
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<number>((resolve) => terminal.on("close", (code) => resolve(code ?? 1)));
  const reached = async () => {
    if (when === "the command's first second") return true;
    return when === "the engine's first second" ? existsSync(log) : begun(events, when);
  };
  while (terminal.exitCode === null && !(await reached())) await sleep(100);
  await sleep(when.startsWith("lab-") ? 2000 : 500);
  assert.equal(terminal.exitCode, null, said);
  for (let press = 0; press < presses; press++) {
    if (press > 0) await sleep(1500);
    terminal.stdin.write(CTRL_C);
  }
  const from = Date.now();
  assert.notEqual(await ended, 0, said);
  progress.say(`Ctrl-C x${presses} in ${when}: ended ${((Date.now() - from) / 1000).toFixed(1)} s later`);
  return said;
}

/** Locks that engines left on the stack. */
export async function locks(): Promise<string[]> {
  const folder = join(lab.dir, "state", ".pulumi", "locks");
  return (await readdir(folder, { recursive: true }).catch(() => [])).filter((file) =>
    file.endsWith(".json"),
  );
}
