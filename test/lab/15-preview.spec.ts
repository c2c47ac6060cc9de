import { strict as assert } from "node:assert";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type CommandError } from "../../lab/run";
import { engineOf, readState } from "../../lab/up";
import { RULES } from "../../policies/rules";
import { lab } from "./support";

/** The pack, as this engine can run it. */
const POLICY_PACK = join(lab.root, "lab", "policyPack.sh");

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
    env["POLICY_PACK"] = POLICY_PACK;
    const script = 'ip link set lo up && exec bash .github/preview.sh "$0"';
    await run("unshare", ["--net", "bash", "-c", script, report], { cwd: lab.root, env });
    const text = await readFile(report, "utf8");
    for (const [file, least] of Object.entries(STACKS)) {
      const [, count] = new RegExp(
        `✅ <code>${file}</code>, compared with <b>an empty state</b>: \\+ (\\d+) to create`,
      ).exec(text) ?? [undefined, 0];
      assert(Number(count) >= least, `${file}: ${count} to create\n${text.slice(0, 3000)}`);
    }
    // A pack that was not asked would be quiet too.
    assert.equal(text.match(/^ *ha-kubernetes\|local\|.*policyPack/gm)?.length, Object.keys(STACKS).length);
    assert.doesNotMatch(text, /\[mandatory\]/);
  });
});

describe("policy pack", () => {
  it("names every rule that a program breaks, and stops it", async () => {
    const engine = await engineOf(lab);
    const state = await readState(lab);
    assert(state);
    const program = join(lab.root, "test", "lab", "violations");
    const folder = await mkdtemp(join(tmpdir(), "ha-kubernetes-policies-"));
    try {
      const env = { ...engine.env, PULUMI_BACKEND_URL: `file://${folder}` };
      const pulumi = (...words: string[]) =>
        run(join(state.tools.pulumi, "pulumi"), ["-C", program, ...words, "--non-interactive"], { env });
      await pulumi("stack", "init", "test");
      const said = await pulumi("preview", "--stack", "test", "--policy-pack", POLICY_PACK).then(
        () => assert.fail("the preview passed"),
        (error: unknown) => (error as CommandError).output,
      );
      for (const { name, level } of RULES) assert.match(said, new RegExp(`\\[${level}\\] +${name} `));
    } finally {
      await rm(folder, { recursive: true });
      // `stack init` leaves its salt beside Pulumi.yaml.
      await rm(join(program, "Pulumi.test.yaml"), { force: true });
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
