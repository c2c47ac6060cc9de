/** Which plugin is taken, with stand-ins for curl and the CLI; downloading itself is not tried. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MARK, pluginIds } from "../../lab/plugins/build";
import { folderName, install, report } from "../../lab/plugins/install";

describe("plugins: installing", function () {
  const ids = pluginIds();
  const saved = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
  let cache: string;
  let folder: string;
  let home: string;

  before(() => {
    cache = mkdtempSync(join(tmpdir(), "plugins-cache-"));
  });
  after(() => rmSync(cache, { recursive: true, force: true }));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plugins-install-"));
    home = join(folder, "pulumi-home");
    mkdirSync(join(folder, "bin"));
    process.env["PATH"] = `${join(folder, "bin")}:${saved.PATH}`;
    process.env["HOME"] = join(folder, "home");
    tool("curl", "exit 7");
    tool("pulumi", "exit 1");
  });
  afterEach(() => {
    Object.assign(process.env, saved);
    rmSync(folder, { recursive: true, force: true });
  });

  const tool = (name: string, does: string): void =>
    writeFileSync(join(folder, "bin", name), `#!/bin/bash\necho "$*" >> ${folder}/${name}.log\n${does}\n`, {
      mode: 0o755,
    });
  const calls = (name: string): number => {
    const log = join(folder, `${name}.log`);
    return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").length : 0;
  };
  const kinds = async (): Promise<string[]> => (await install(home, cache)).map(({ kind }) => kind);
  const isStandIn = (name: string): boolean => existsSync(join(home, "plugins", name, MARK));
  const official = (base: string, name: string): void => {
    mkdirSync(join(base, "plugins", name), { recursive: true });
    writeFileSync(join(base, "plugins", name, "official"), "");
  };

  it("uses stand-ins where nothing can be downloaded, after one probe, and builds each once", async () => {
    assert.deepEqual(await kinds(), ["stand-in", "stand-in", "stand-in"]);
    assert.equal(calls("curl"), 1);
    assert.equal(calls("pulumi"), 0);
    assert.deepEqual(readdirSync(join(home, "plugins")).sort(), ids.map(folderName).sort());
    const before = readdirSync(join(cache, "plugins"));
    await kinds();
    assert.deepEqual(readdirSync(join(cache, "plugins")), before);
    assert.equal(before.length, 3);
  });

  it("leaves official ones alone and copies those of the user's own home", async () => {
    const [first, second] = ids.map(folderName);
    official(home, first ?? "");
    official(join(folder, "home", ".pulumi"), second ?? "");
    assert.deepEqual(await kinds(), ["official", "official", "stand-in"]);
    assert.ok(existsSync(join(home, "plugins", second ?? "", "official")));
    assert.equal(isStandIn(first ?? ""), false);
  });

  it("lets the CLI download in place of a stand-in", async () => {
    await kinds();
    tool("curl", "exit 0");
    tool("pulumi", 'mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5"');
    assert.deepEqual(await kinds(), ["official", "official", "official"]);
    assert.equal(calls("pulumi"), 3);
    assert.equal(isStandIn(folderName(ids[0] ?? { name: "command", version: "" })), false);
  });

  it("builds the provider of Kubernetes only where it can't be downloaded, and only once", async () => {
    let built = 0;
    const build = (): Promise<string> => {
      built += 1;
      official(join(folder, "built"), "module");
      return Promise.resolve(join(folder, "built", "plugins", "module"));
    };
    const kind = async () =>
      (await install(home, cache, build)).find(({ name }) => name === "kubernetes")?.kind;
    assert.equal(await kind(), "built");
    assert.equal(await kind(), "official");
    assert.equal(built, 1);
    rmSync(home, { recursive: true });
    tool("curl", "exit 0");
    tool("pulumi", 'mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5"');
    assert.equal(await kind(), "official");
    assert.equal(built, 1);
  });

  it("falls back to stand-ins when the download fails after all", async () => {
    tool("curl", "exit 0");
    const installed = await install(home, cache);
    assert.deepEqual(
      installed.map(({ kind }) => kind),
      ["stand-in", "stand-in", "stand-in"],
    );
    assert.match(
      report(installed),
      /^plugin command \S+: stand-in \(the official one is neither here nor downloadable\)\n/,
    );
  });
});
