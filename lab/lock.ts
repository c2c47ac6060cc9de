import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { hostname } from "node:os";
import { repairCheckpoint } from "./checkpoint";
import type { Engine } from "./engine";
import type { Lab } from "./lab";
import type { Progress } from "./progress";

/** An engine that was killed leaves its lock; if its process on this machine is gone, the lab cancels it. */
export async function clearStaleLock(lab: Lab, engine: Engine, progress: Progress): Promise<void> {
  const folder = join(lab.dir, "state", ".pulumi", "locks");
  const files = (await readdir(folder, { recursive: true }).catch(() => [])).filter((file) =>
    file.endsWith(".json"),
  );
  for (const file of files) {
    const lock = JSON.parse(await readFile(join(folder, file), "utf8")) as { pid: number; hostname: string };
    if (lock.hostname !== hostname()) {
      throw new Error(
        `the stack is locked from ${lock.hostname}. Next: if nothing runs there, npm run lab -- pulumi cancel --yes`,
      );
    }
    const command = await readFile(`/proc/${lock.pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes("pulumi")) {
      throw new Error(`pulumi runs already (process ${lock.pid}). Next: wait for it, or end it`);
    }
    await repairCheckpoint(lab, progress);
    progress.say(`the lock of an ended pulumi (process ${lock.pid}) is cancelled`);
    await engine.pulumi(["cancel", "--yes"]);
    return;
  }
}
