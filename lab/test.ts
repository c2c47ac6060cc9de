import { readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import { thisLab } from "./lab";

/**
 * Runs the lab's tests in their order, each on what the one before left; the first failure ends the run.
 * `only`: just the files whose name holds it, on the lab as it stands.
 * Closes with the line "N passed, N failed" and gives the number of failures.
 */
export function runLabTests(full: boolean, only = ""): Promise<number> {
  if (full) process.env.HA_LAB_FULL = "yes";
  const folder = join(thisLab().root, "test", "lab");
  const mocha = new Mocha({ timeout: 20 * 60_000, bail: true, reporter: "spec" });
  for (const file of readdirSync(folder).sort())
    if (file.includes(only) && file.endsWith(".spec.ts")) mocha.addFile(join(folder, file));
  return new Promise((resolve) => {
    const runner = mocha.run((failures) => {
      const { passes = 0, pending = 0 } = runner.stats ?? {};
      console.log(`${passes} passed, ${failures} failed${pending ? `, ${pending} skipped` : ""}`);
      resolve(failures);
    });
  });
}
