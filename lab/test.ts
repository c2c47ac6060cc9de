import { readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import { ensureBase } from "./hosts/hosts";
import { thisLab } from "./lab";
import { Progress } from "./progress";
import { DEFAULT_SHAPE } from "./shape";
import { getTools } from "./tools";
import { readState } from "./up";

/** Ending of the spec files that only the full run includes. */
const FULL = ".full.spec.ts";

/**
 * Runs the lab's tests in their order, each on what the one before left; the first failure ends the run.
 * `full`: also the files whose name ends in `.full.spec.ts`.
 * `only`: just the files whose name holds it, on the lab as it stands.
 * Closes with the line "N passed, N failed" and gives the number of failures.
 */
export async function runLabTests(full: boolean, only = ""): Promise<number> {
  const lab = thisLab();
  const progress = new Progress();
  // On a new machine tools take longer to build than any test may.
  await getTools(lab, (await readState(lab))?.shape ?? DEFAULT_SHAPE, progress);
  await ensureBase((line) => progress.say(line));
  const folder = join(lab.root, "test", "lab");
  const mocha = new Mocha({ timeout: 20 * 60_000, bail: true, reporter: "spec" });
  for (const file of readdirSync(folder).sort())
    if (file.includes(only) && file.endsWith(".spec.ts") && (full || !file.endsWith(FULL)))
      mocha.addFile(join(folder, file));
  return new Promise((resolve) => {
    const runner = mocha.run((failures) => {
      const { passes = 0, pending = 0 } = runner.stats ?? {};
      console.log(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ""}`);
      resolve(failures);
    });
  });
}
