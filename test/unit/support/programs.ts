import { spawnSync } from "node:child_process";

/** Goes on if the machine has the programs; else the test, or all of a suite, is pending. */
export function need(context: Mocha.Context, ...programs: string[]): void {
  const missing = programs.filter((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0);
  if (missing.length > 0) pend(context, `this machine has no ${missing.join(", ")}`);
}

/** Leaves the test out, or all of the suite if a hook says so; its title tells the reason. */
export function pend(context: Mocha.Context, reason: string): never {
  const test = context.test as Mocha.Test | Mocha.Hook;
  const titled = test.type === "hook" ? test.parent! : test;
  titled.title += ` (pending: ${reason})`;
  return context.skip();
}
