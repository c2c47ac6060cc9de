import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Lab } from "./lab";
import { STACK } from "./engine";
import type { Progress } from "./progress";

/** File of the stack's state in the lab's backend. */
export function checkpointFile(lab: Lab): string {
  return join(lab.dir, "state", ".pulumi", "stacks", "ha-kubernetes", `${STACK}.json.gz`);
}

/** Resources in the stack's state as it is stored; none before the stack was made. */
export async function storedResources(lab: Lab): Promise<{ urn: string; type: string }[]> {
  const packed = await readFile(checkpointFile(lab)).catch(() => undefined);
  if (!packed) return [];
  const state = JSON.parse(gunzipSync(packed).toString()) as {
    checkpoint?: { latest?: { resources?: { urn: string; type: string }[] } };
  };
  return state.checkpoint?.latest?.resources ?? [];
}

/** An engine killed while it wrote leaves half a state; the one before lies beside it, at most one step older. */
export async function repairCheckpoint(lab: Lab, progress: Progress): Promise<void> {
  const file = checkpointFile(lab);
  const whole = await storedResources(lab).then(
    () => true,
    () => false,
  );
  if (whole) return;
  progress.say("the state was half written when pulumi ended: its backup is taken");
  await copyFile(`${file}.bak`, file);
}
