/** `remote.CopyToRemote` against a real ssh server, by the rules of pulumi-command 1.2.1. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyToRemote } from "../../lab/plugins/command/copy";
import {
  assetValue,
  isSecret,
  UNKNOWN,
  type AssetValue,
  type Props,
  type Value,
} from "../../lab/plugins/wire/values";
import { call, checked, created, difference, failure } from "./support/calls";
import { startSshd, type Sshd } from "./support/sshd";

describe("plugins: remote.CopyToRemote", function () {
  let sshd: Sshd;
  let files: string;
  let round = 0;
  before(async () => {
    sshd = await startSshd();
  });
  after(() => sshd.stop());
  beforeEach(() => {
    files = join(sshd.folder, `round-${round++}`);
    mkdirSync(join(files, "tree", "deep", "er"), { recursive: true });
    writeFileSync(join(files, "one"), "one");
    writeFileSync(join(files, "tree", "a"), "a");
    writeFileSync(join(files, "tree", "deep", "er", "b"), "b");
  });

  const connection = (): Props => ({
    host: "127.0.0.1",
    port: sshd.port,
    user: sshd.user,
    privateKey: sshd.privateKey,
    hostKey: sshd.hostKey,
    dialErrorLimit: 0,
  });
  const asset = (fields: Omit<AssetValue, "kind">): Value =>
    assetValue({ kind: "asset", hash: hashOf(fields), ...fields });
  const archive = (path: string): Value => assetValue({ kind: "archive", hash: hashOf({ path }), path });
  const inputs = (source: Value, remotePath: string, more: Props = {}): Props => ({
    connection: connection(),
    source,
    remotePath,
    ...more,
  });
  const copy = (source: Value, remotePath: string) => created(copyToRemote, inputs(source, remotePath));
  const read = (...path: string[]) => readFileSync(join(files, ...path), "utf8");

  it("copies a file to a new path with its folders, over a file, and into a folder", async () => {
    const one = asset({ path: join(files, "one") });
    const known = await copy(one, join(files, "new", "er", "file"));
    assert.equal(read("new", "er", "file"), "one");
    assert.match(known.id, /^[0-9a-f]{8}$/);
    assert.equal(isSecret(known.state["connection"]), true);
    writeFileSync(join(files, "two"), "a longer text");
    await copy(one, join(files, "two"));
    assert.equal(read("two"), "one", "the rest of the longer file is cut off");
    await copy(one, join(files, "tree"));
    assert.equal(read("tree", "one"), "one");
  });

  it("copies a large file whole", async () => {
    const bytes = randomBytes(3 * 1024 * 1024 + 17);
    writeFileSync(join(files, "large"), bytes);
    await copy(asset({ path: join(files, "large") }), join(files, "large-copy"));
    assert.ok(readFileSync(join(files, "large-copy")).equals(bytes));
  });

  it("gives new files the server's own mode, not the source's", async () => {
    const before = process.umask(0o022);
    process.umask(before);
    writeFileSync(join(files, "tool"), "x", { mode: 0o755 });
    await copy(asset({ path: join(files, "tool") }), join(files, "tool-copy"));
    assert.equal(statSync(join(files, "tool-copy")).mode & 0o111, 0);
  });

  it("writes a text, empty too, but not to a folder", async () => {
    await copy(asset({ text: "grüße\n" }), join(files, "x", "text"));
    assert.equal(read("x", "text"), "grüße\n");
    await copy(asset({ text: "" }), join(files, "empty"));
    assert.equal(read("empty"), "");
    assert.equal(
      await failure(copy(asset({ text: "t" }), join(files, "tree"))),
      `remote path ${join(files, "tree")} is a directory; when using a text asset, remotePath must be a file path`,
    );
  });

  it("copies a folder under its name, and with a slash only what is in it", async () => {
    await copy(archive(join(files, "tree")), join(files, "there"));
    assert.equal(read("there", "tree", "deep", "er", "b"), "b");
    await copy(archive(`${join(files, "tree")}/`), join(files, "inside"));
    assert.equal(read("inside", "deep", "er", "b"), "b");
    await copy(archive(join(files, "tree")), join(files, "there"));
    assert.equal(read("there", "tree", "a"), "a", "a second copy goes over the first");
    assert.match(await failure(copy(archive(join(files, "tree")), join(files, "one"))), /one/);
  });

  it("says what is missing and where it may not write", async () => {
    const gone = join(files, "gone");
    assert.equal(
      await failure(copy(asset({ path: gone }), join(files, "y"))),
      `open ${gone}: no such file or directory`,
    );
    const text = await failure(copy(asset({ path: join(files, "one") }), join(files, "one", "below")));
    assert.match(text, /^failed to (create parent directories|stat remote path)/);
  });

  it("refuses sources that 1.2.1 refuses, an unknown one included", () => {
    const refused = (source: Value) =>
      copyToRemote.check(inputs(source, "/x")).failures.map(({ reason }) => reason);
    assert.deepEqual(refused(UNKNOWN), ["either asset or archive must be set"]);
    assert.deepEqual(refused(assetValue({ kind: "asset", hash: "h" })), [
      "asset must be a path-based file asset or a text asset",
    ]);
    assert.deepEqual(refused(assetValue({ kind: "archive", hash: "h" })), [
      "archive must be a path to a file or directory",
    ]);
    assert.deepEqual(refused(asset({ path: "/x" })), []);
  });

  it("updates for everything but triggers, and copies only for another content or path", async () => {
    const one = asset({ path: join(files, "one") });
    const target = join(files, "target");
    const known = await created(copyToRemote, inputs(one, target, { triggers: ["1"] }));
    const changes = (news: Props) => difference(copyToRemote, known, news);
    assert.deepEqual(changes(inputs(one, target, { triggers: ["2"] })).replaces, ["triggers"]);
    assert.deepEqual(changes(inputs(one, `${target}2`, { triggers: ["1"] })), {
      changes: { remotePath: "update" },
      replaces: [],
    });
    assert.deepEqual(changes(inputs(asset({ text: "new" }), target, { triggers: ["1"] })).changes, {
      source: "update",
    });

    const before = sshd.logins();
    const otherConnection = { ...inputs(one, target), connection: { ...connection(), perDialTimeout: 3 } };
    await copyToRemote.update(known, checked(copyToRemote, otherConnection), call());
    await copyToRemote.update(
      known,
      checked(copyToRemote, inputs(one, `${target}2`)),
      call({ preview: true }),
    );
    assert.equal(sshd.logins(), before, "a changed connection copies nothing, nor does a preview");
    await copyToRemote.update(known, checked(copyToRemote, inputs(asset({ text: "new" }), target)), call());
    assert.equal(readFileSync(target, "utf8"), "new");
    await copyToRemote.update(known, checked(copyToRemote, inputs(one, `${target}2`)), call());
    assert.equal(readFileSync(`${target}2`, "utf8"), "one");
    assert.ok(existsSync(target), "the copy at the old path stays");
    assert.ok(!("delete" in copyToRemote), "a delete leaves the file on the host");
  });
});

function hashOf(value: object): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
