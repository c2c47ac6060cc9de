import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Lab } from "./lab";
import { STACK } from "./engine";

/** File of the stack's state in the lab's backend. */
export function checkpointFile(lab: Lab): string {
  return join(lab.dir, "state", ".pulumi", "stacks", "ha-kubernetes", `${STACK}.json.gz`);
}

/** Number of resources in the stack's state; undefined before the stack was made. */
export async function resourceCount(lab: Lab): Promise<number | undefined> {
  const packed = await readFile(checkpointFile(lab)).catch(() => undefined);
  if (!packed) return undefined;
  const state = JSON.parse(gunzipSync(packed).toString()) as {
    checkpoint?: { latest?: { resources?: unknown[] } };
  };
  return state.checkpoint?.latest?.resources?.length ?? 0;
}
