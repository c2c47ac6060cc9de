import { spawnSync } from "node:child_process";

/** Goes on if the machine has the programs; else the test, or all of a suite, is pending and its title says why. */
export function need(context: Mocha.Context, ...programs: string[]): void {
  const missing = programs.filter((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0);
  if (missing.length === 0) return;
  context.test!.title += ` (pending: this machine has no ${missing.join(", ")})`;
  context.skip();
}
