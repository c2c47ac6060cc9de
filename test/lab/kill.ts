import { strict as assert } from "node:assert";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { clearStaleLock } from "../../lab/lock";
import { engineOf } from "../../lab/up";
import { lab, progress, sleep } from "./support";

/** Kills an `up` after so many seconds, or so many seconds after the step of this name began. */
export async function killedUp(when: number | string, after = 1.5): Promise<void> {
  const engine = await engineOf(lab);
  await clearStaleLock(lab, engine, progress);
  const events = join(lab.dir, "killed-events.jsonl");
  await rm(events, { force: true });
  const child = engine.start(
    ["up", "--yes", "--skip-preview", "--parallel", "48"],
    join(lab.dir, "killed.log"),
    events,
  );
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  if (typeof when === "number") {
    await Promise.race([sleep(when * 1000), ended]);
  } else {
    while (child.exitCode === null && !(await begun(events, when))) await sleep(200);
    await Promise.race([sleep(after * 1000), ended]);
  }
  assert.equal(child.exitCode, null, "the engine ended before it could be killed");
  child.kill("SIGKILL");
  await ended;
  await clearStaleLock(lab, engine, progress);
  progress.say(`up killed: ${when}`);
}

/** The engine's events tell that the step of this name began. */
export async function begun(events: string, step: string): Promise<boolean> {
  return (await readFile(events, "utf8").catch(() => "")).includes(`::${step}"`);
}
