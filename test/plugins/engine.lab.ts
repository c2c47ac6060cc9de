/** The stand-ins under the real engine: one program through its life. Needs the lab's pulumi on PATH; half a minute. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildStandIn, pluginIds } from "../../lab/plugins/build";
import { folderName } from "../../lab/plugins/install";
import { startSshd, type Sshd } from "./support/sshd";

describe("plugins: under the engine", function () {
  this.timeout(180_000);
  let sshd: Sshd;
  let folder: string;

  before(async () => {
    if (spawnSync("pulumi", ["version"]).status !== 0) {
      throw new Error(
        "no pulumi on PATH: these tests run the real engine; lab/tools/build.sh pulumi says where it is",
      );
    }
    sshd = await startSshd();
    folder = mkdtempSync(join(tmpdir(), "plugins-engine-"));
    for (const id of pluginIds()) {
      const target = join(folder, "home", "plugins", folderName(id));
      mkdirSync(target, { recursive: true });
      const source = await buildStandIn(id, join(folder, "cache"));
      execFileSync("cp", ["-a", `${source}/.`, target]);
    }
    mkdirSync(join(folder, "state"));
    copyFileSync(join(__dirname, "support", "engine-program.ts"), join(folder, "index.ts"));
    symlinkSync(join(__dirname, "..", "..", "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "Pulumi.yaml"), "name: plugins\nruntime: nodejs\nmain: index.ts\n");
    writeFileSync(
      join(folder, "tsconfig.json"),
      '{"compilerOptions":{"module":"commonjs","moduleResolution":"node10","esModuleInterop":true,"skipLibCheck":true,"strict":true,"target":"ES2022"}}',
    );
    pulumi("", "stack", "init", "test");
  });
  after(async () => {
    await sshd.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const pulumi = (mode: string, ...args: string[]): string =>
    execFileSync("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PULUMI_HOME: join(folder, "home"),
        PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        MODE: mode,
        FOLDER: sshd.folder,
        PORT: String(sshd.port),
        LOGIN: sshd.user,
        HOST_KEY: sshd.hostKey,
      },
    });
  const up = (mode: string): string => pulumi(mode, "up", "--yes", "--skip-preview");
  const onHost = (name: string): string => readFileSync(join(sshd.folder, name), "utf8");

  it("creates everything, and then finds nothing to do", () => {
    assert.match(pulumi("", "preview"), /\+ 11 to create/);
    up("");
    assert.deepEqual(
      [onHost("stdin"), onHost("steps"), onHost("copied")],
      ["CANARY-STDIN-1", "made\n", "copied"],
    );
    pulumi("", "preview", "--expect-no-changes");
    pulumi("", "refresh", "--yes", "--expect-no-changes");
  });

  it("updates for a changed stdin and replaces for a changed trigger", () => {
    assert.match(pulumi("stdin", "preview", "--diff"), /~ stdin: \[secret\] => \[secret\]/);
    up("stdin");
    assert.deepEqual([onHost("stdin"), onHost("steps")], ["CANARY-STDIN-2", "made\nupdated\n"]);
    assert.match(pulumi("trigger", "preview"), /1 to replace/);
    up("trigger");
    assert.equal(onHost("steps"), "made\nupdated\nmade\ndeleted\n");
  });

  it("leaves no secret in clear in the state, neither in inputs nor in outputs", () => {
    const state = pulumi("trigger", "stack", "export");
    const { outputs } = JSON.parse(pulumi("trigger", "stack", "output", "--json", "--show-secrets")) as {
      outputs: Record<string, string>;
    };
    for (const name of ["password", "hash"]) {
      assert.ok((outputs[name] ?? "").length >= 30, name);
      assert.ok(!state.includes(outputs[name] ?? ""), `${name} is in clear`);
    }
    assert.match(outputs["caKey"] ?? "", /^-----BEGIN EC PRIVATE KEY-----/);
    for (const canary of ["CANARY-STDIN", "PRIVATE KEY", 'privateKeyOpenssh": "--']) {
      assert.ok(!state.includes(canary), `${canary} is in clear`);
    }
    assert.ok(
      pulumi("trigger", "stack", "export", "--show-secrets").includes("CANARY-STDIN"),
      "the canary is there",
    );
    // What is no secret stays readable.
    assert.ok(state.includes(outputs["text"] ?? "-") && state.includes("BEGIN CERTIFICATE"));
  });

  it("runs the delete when all is destroyed", () => {
    pulumi("trigger", "destroy", "--yes");
    assert.match(onHost("steps"), /deleted\ndeleted\n$/);
  });
});
