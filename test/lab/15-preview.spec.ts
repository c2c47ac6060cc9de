import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../lab/run";
import { engineOf } from "../../lab/up";
import { lab } from "./support";

/** Committed stacks, and how many of their resources are worth the name of a preview at least. */
const STACKS = {
  "Pulumi.dev.yaml": 90,
  "Pulumi.prod.yaml": 290,
  "examples/stacks/Pulumi.medium.yaml": 100,
  "examples/stacks/Pulumi.small-stacked.yaml": 70,
};

describe("preview of the committed stacks, as a pull request runs it", () => {
  it("works for each on an empty state, where there is no network at all", async () => {
    const report = join(lab.dir, "preview.md");
    const { PULUMI_BACKEND_URL: _, PULUMI_CONFIG_PASSPHRASE_FILE: __, ...env } = (await engineOf(lab)).env;
    const script = 'ip link set lo up && exec bash .github/preview.sh "$0"';
    await run("unshare", ["--net", "bash", "-c", script, report], { cwd: lab.root, env });
    const text = await readFile(report, "utf8");
    for (const [file, least] of Object.entries(STACKS)) {
      const [, count] = new RegExp(
        `✅ <code>${file}</code>, compared with <b>an empty state</b>: \\+ (\\d+) to create`,
      ).exec(text) ?? [undefined, 0];
      assert(Number(count) >= least, `${file}: ${count} to create\n${text.slice(0, 3000)}`);
    }
  });
});
