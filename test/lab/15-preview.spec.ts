import { strict as assert } from "node:assert";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../lab/run";
import { engineOf, readState } from "../../lab/up";
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

describe("preview of a living cluster", () => {
  it("needs no host in reach and says that nothing changes", async () => {
    const engine = await engineOf(lab);
    const state = await readState(lab);
    assert(state);
    const folder = await mkdtemp(join(tmpdir(), "ha-kubernetes-preview-"));
    try {
      await cp(join(lab.dir, "state"), join(folder, "state"), { recursive: true });
      await cp(engine.configFile, join(folder, "Pulumi.lab.yaml"));
      // Outside of the lab's network: from here no address of a host leads anywhere.
      const words = [
        "-C",
        lab.root,
        "preview",
        "--stack",
        "lab",
        "--config-file",
        join(folder, "Pulumi.lab.yaml"),
      ];
      const env = { ...engine.env, PULUMI_BACKEND_URL: `file://${join(folder, "state")}` };
      await run(join(state.tools.pulumi, "pulumi"), [...words, "--expect-no-changes", "--non-interactive"], {
        env,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
