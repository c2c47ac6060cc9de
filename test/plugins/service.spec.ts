/** The built plugins as processes, asked over the protocol as the engine asks. */
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildStandIn, pluginIds } from "../../lab/plugins/build";
import type { Props } from "../../lab/plugins/wire/values";
import { ask, startEngine, startPlugin, struct, type PluginProcess } from "./support/plugin-process";
import { failure } from "./support/calls";
import { ended, freePort, startSshd, type Sshd } from "./support/sshd";

const COMMAND = "urn:pulumi:s::p::a:b:C$command:remote:Command::the name";
const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;

describe("plugins: processes", function () {
  let folder: string;
  let sshd: Sshd;
  let engine: Awaited<ReturnType<typeof startEngine>>;
  const built = new Map<string, string>();
  const started: PluginProcess[] = [];

  before(async function () {
    // Builds three plugins, which takes its time on a busy machine.
    this.timeout(120_000);
    folder = mkdtempSync(join(tmpdir(), "plugins-built-"));
    sshd = await startSshd();
    engine = await startEngine();
    for (const id of pluginIds()) built.set(id.name, await buildStandIn(id, folder));
  });
  after(async () => {
    await Promise.all(started.map(({ child }) => ended(child)));
    await sshd.stop();
    engine.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (name: string): Promise<PluginProcess> => {
    const plugin = await startPlugin(built.get(name) ?? "", name, engine.address);
    started.push(plugin);
    return plugin;
  };
  const connection = (more: Props = {}): Props => ({
    host: "127.0.0.1",
    port: sshd.port,
    user: sshd.user,
    privateKey: sshd.privateKey,
    hostKey: sshd.hostKey,
    dialErrorLimit: 0,
    ...more,
  });
  const create = (plugin: PluginProcess, inputs: Props, change = (request: proto.CreateRequest) => request) =>
    ask(plugin, "create", change(new proto.CreateRequest().setUrn(COMMAND).setProperties(struct(inputs))));
  const exit = ({ child }: PluginProcess): Promise<void> =>
    child.exitCode === null
      ? new Promise((resolve) => child.once("exit", () => resolve()))
      : Promise.resolve();

  for (const { name, version } of pluginIds()) {
    it(`${name} says on stderr what it is, and its version and abilities to the engine`, async () => {
      const plugin = await start(name);
      const said = `${name} ${version}: this is the lab's stand-in, not the official Pulumi plugin`;
      assert.ok(plugin.stderr().startsWith(said), plugin.stderr());
      assert.equal((await ask(plugin, "getPluginInfo", new Empty())).getVersion(), version);
      const able = await ask(plugin, "configure", new proto.ConfigureRequest());
      assert.equal(able.getSupportspreview(), true);
      // Bridged plugins let the engine put the secret marks back by name.
      assert.equal(able.getAcceptsecrets(), name === "command");
    });
  }

  it("answers check, diff, create, update, read and delete, by urn", async () => {
    const plugin = await start("command");
    const inputs = { connection: connection(), create: "echo $((40 + 2))" };
    const check = await ask(
      plugin,
      "check",
      new proto.CheckRequest().setUrn(COMMAND).setNews(struct(inputs)),
    );
    const news = check.getInputs();
    const made = await create(plugin, news?.toJavaScript() ?? {});
    const state = made.getProperties();
    assert.match(made.getId(), /^the name[0-9a-f]{8}$/);
    assert.equal(state?.toJavaScript()["stdout"], "42");

    const diff = (changed: Props) =>
      ask(
        plugin,
        "diff",
        new proto.DiffRequest()
          .setUrn(COMMAND)
          .setId(made.getId())
          .setOlds(state)
          .setOldInputs(news)
          .setNews(struct({ ...(news?.toJavaScript() ?? {}), ...changed })),
      );
    assert.equal((await diff({})).getChanges(), DIFF_NONE);
    const update = await diff({ create: "echo 2" });
    assert.deepEqual(
      [update.getChanges(), update.getDiffsList(), update.getReplacesList()],
      [DIFF_SOME, ["create"], []],
    );
    const replace = await diff({ triggers: [1] });
    assert.deepEqual([replace.getDiffsList(), replace.getReplacesList()], [["triggers"], ["triggers"]]);
    assert.equal(
      replace.getDetaileddiffMap().get("triggers")?.getKind(),
      proto.PropertyDiff.Kind.ADD_REPLACE,
    );

    const known = {
      olds: state,
      news: struct({ ...(news?.toJavaScript() ?? {}), create: "echo 2" }),
    };
    const request = new proto.UpdateRequest()
      .setUrn(COMMAND)
      .setId(made.getId())
      .setOlds(known.olds)
      .setNews(known.news);
    const updated = await ask(plugin, "update", request);
    assert.equal(updated.getProperties()?.toJavaScript()["stdout"], "2");
    const read = await ask(
      plugin,
      "read",
      new proto.ReadRequest().setUrn(COMMAND).setId("i").setInputs(news).setProperties(state),
    );
    assert.deepEqual(read.getProperties()?.toJavaScript(), state.toJavaScript());
    await ask(plugin, "delete", new proto.DeleteRequest().setUrn(COMMAND).setId("i").setProperties(state));
  });

  it("fails with the resource's own words, and for types it doesn't know", async () => {
    const plugin = await start("random");
    const text = await failure(create(plugin, {}));
    assert.match(
      text,
      /^the stand-in plugin random has no resource command:remote:Command; it has random:index/,
    );
    const command = await start("command");
    assert.equal(
      await failure(create(command, { connection: connection(), create: "exit 4" })),
      'Process exited with status 4: running "exit 4":\n',
    );
  });

  it("tells the engine each line while the command still runs, for the display only", async () => {
    const plugin = await start("command");
    engine.heard.length = 0;
    const heard = join(folder, "heard-first");
    const running = create(plugin, {
      connection: connection(),
      create: `echo first; until [ -e ${heard} ]; do sleep 0.05; done; echo second >&2`,
    });
    // The command ends only after its first line was heard.
    while (engine.heard.length === 0) await sleep(20);
    writeFileSync(heard, "");
    await running;
    assert.deepEqual(
      engine.heard.map(({ message, severity, ephemeral, urn }) => [message, severity, ephemeral, urn]),
      ["first", "second"].map((line) => [line, LogSeverity.INFO, true, COMMAND]),
    );
  });

  it("obeys customTimeouts while it dials", async () => {
    const plugin = await start("command");
    const port = await freePort();
    const inputs = { connection: connection({ port, dialErrorLimit: -1 }), create: "true" };
    assert.equal(
      await failure(create(plugin, inputs, (request) => request.setTimeout(0.3))),
      "context deadline exceeded",
    );
  });

  it("at Cancel stops dialing, lets a running command end, and then ends itself", async () => {
    const plugin = await start("command");
    const port = await freePort();
    const dialing = failure(
      create(plugin, { connection: connection({ port, dialErrorLimit: -1 }), create: "true" }),
    );
    const running = create(plugin, { connection: connection(), create: "sleep 0.7; echo done" });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await ask(plugin, "cancel", new Empty());
    assert.equal(await dialing, "context canceled");
    assert.equal(plugin.child.exitCode, null, "it waits for the command");
    assert.equal((await running).getProperties()?.toJavaScript()["stdout"], "done");
    await exit(plugin);
    assert.equal(plugin.child.exitCode, 0);
  });

  it("ends when its engine was killed", async () => {
    const launcher = join(built.get("command") ?? "", "pulumi-resource-command");
    // The engine's place is taken by a shell that starts the plugin and is then killed.
    const shell = spawn("bash", ["-c", '"$1" & echo $!; wait', "bash", launcher], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const pid = await new Promise<string>((resolve) => {
      let said = "";
      shell.stdout.on("data", (piece) => {
        const lines = (said += String(piece)).split("\n");
        // The second line is the plugin's port.
        if (lines.length > 2) resolve(lines[0] ?? "");
      });
    });
    assert.ok(alive(pid));
    shell.kill("SIGKILL");
    for (let tries = 0; tries < 50 && alive(pid); tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    const left = alive(pid);
    if (left) process.kill(Number(pid));
    assert.equal(left, false, "the plugin outlived its engine");
  });
});

/** Whether a process runs; one that only waits to be reaped does not. */
function alive(pid: string): boolean {
  return existsSync(`/proc/${pid}`) && !/\nState:\s+Z/.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}
