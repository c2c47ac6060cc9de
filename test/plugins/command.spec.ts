/** `remote.Command` against a real ssh server, by the rules of pulumi-command 1.2.1; the engine's part is in service.spec.ts. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { remoteCommand } from "../../lab/plugins/command/command";
import { isSecret, plain, secret, UNKNOWN, type Props, type Value } from "../../lab/plugins/wire/values";
import { call, checked, created, difference, failure, open, remember } from "./support/calls";
import { startSshd, type Sshd } from "./support/sshd";

describe("plugins: remote.Command", function () {
  let sshd: Sshd;
  before(async () => {
    sshd = await startSshd(["AcceptEnv GOOD_*"]);
  });
  after(() => sshd.stop());

  const connection = (): Props => ({
    host: "127.0.0.1",
    port: sshd.port,
    user: sshd.user,
    privateKey: sshd.privateKey,
    hostKey: sshd.hostKey,
    dialErrorLimit: 0,
  });
  const inputs = (more: Props): Props => ({ connection: connection(), ...more });

  describe("check", () => {
    it("fills the defaults of the connection and of its proxy", () => {
      const result = checked(remoteCommand, { connection: { host: "h", proxy: { host: "j", port: 2222 } } });
      const defaults = { user: "root", dialErrorLimit: 10, perDialTimeout: 15 };
      assert.deepEqual(plain(result["connection"] ?? null), {
        ...defaults,
        host: "h",
        port: 22,
        proxy: { ...defaults, host: "j", port: 2222 },
      });
    });

    it("marks the whole connection secret, and its keys once more inside", () => {
      const result = checked(remoteCommand, {
        connection: { host: "h", privateKey: "k", password: "p" },
        create: "c",
      });
      const marked = result["connection"] as { value: Props };
      assert.equal(isSecret(result["connection"]), true);
      assert.equal(isSecret(marked.value["privateKey"]), true);
      assert.equal(isSecret(marked.value["password"]), true);
      assert.equal(isSecret(marked.value["host"]), false);
      assert.equal(result["create"], "c");
    });

    it("lets unknown values through", () => {
      assert.equal(isSecret(checked(remoteCommand, { connection: UNKNOWN })["connection"]), true);
      checked(remoteCommand, {
        connection: { host: UNKNOWN },
        create: UNKNOWN,
        logging: UNKNOWN,
        triggers: [UNKNOWN],
      });
    });

    it("refuses a missing connection, a missing host and an unknown kind of logging", () => {
      const refused = (news: Props) => remoteCommand.check(news).failures.map(({ property }) => property);
      assert.deepEqual(refused({}), ["connection"]);
      assert.deepEqual(refused({ connection: { proxy: {} } }), ["connection.host", "connection.proxy.host"]);
      assert.deepEqual(refused({ connection: { host: "h" }, logging: "all" }), ["logging"]);
    });
  });

  describe("create", () => {
    it("gives back inputs and both streams, each without its last newline", async () => {
      const known = await created(
        remoteCommand,
        inputs({ create: "echo one; echo two >&2; echo; printf 'three\\n\\n'" }),
      );
      assert.equal(open(known)["stdout"], "one\n\nthree\n");
      assert.equal(open(known)["stderr"], "two");
      assert.equal(open(known)["create"], known.inputs["create"]);
      assert.match(known.id, /^it[0-9a-f]{8}$/);
      assert.equal(isSecret(known.state["connection"]), true);
    });

    it("sends stdin whole and closes it, and keeps its secret mark", async () => {
      const text = "geheim\n".repeat(100_000);
      const known = await created(
        remoteCommand,
        inputs({ create: "wc -c; cat", stdin: secret(text), logging: "none" }),
      );
      assert.match(String(open(known)["stdout"]), /^700000/);
      assert.equal(isSecret(known.state["stdin"]), true);
      const none = await created(remoteCommand, inputs({ create: "cat; echo end" }));
      assert.equal(open(none)["stdout"], "end");
    });

    it("connects to nobody without a create", async () => {
      const known = await created(remoteCommand, {
        connection: { host: "127.0.0.1", port: 1, dialErrorLimit: 0 },
      });
      assert.equal(known.state["stdout"], "");
      assert.equal(known.state["stderr"], "");
    });

    it("touches nothing in a preview and leaves the streams open", async () => {
      const before = sshd.logins();
      const known = await created(remoteCommand, inputs({ create: "echo x" }), { preview: true });
      assert.equal(known.state["stdout"], UNKNOWN);
      assert.equal(known.state["stderr"], UNKNOWN);
      assert.equal(known.state["create"], "echo x");
      assert.equal(sshd.logins(), before);
    });

    it("makes one new connection per command", async () => {
      const before = sshd.logins();
      await Promise.all([1, 2, 3].map(() => created(remoteCommand, inputs({ create: "true" }))));
      assert.equal(sshd.logins(), before + 3);
    });

    it("names status, command and all output when the command fails", async () => {
      const script = 'echo "out"\necho err >&2\nexit 3';
      const text = await failure(created(remoteCommand, inputs({ create: script })));
      assert.equal(
        text,
        'Process exited with status 3: running "echo \\"out\\"\\necho err >&2\\nexit 3":\nout\nerr\n',
      );
    });

    it("says that a command whose connection broke has no exit status", async () => {
      const text = await failure(
        created(remoteCommand, inputs({ create: "echo here; kill -KILL $PPID; sleep 5" })),
      );
      assert.match(text, /^wait: remote command exited without exit status or exit signal: running /);
    });

    it("takes a long stdin that nobody read for a failure, a short one not", async () => {
      const long = inputs({ create: "true", stdin: "x".repeat(10_000_000) });
      assert.equal(await failure(created(remoteCommand, long)), 'EOF: running "true":\n');
      await created(remoteCommand, inputs({ create: "true", stdin: "x".repeat(100_000) }));
    });

    it("names the signal that ended the command", async () => {
      const text = await failure(created(remoteCommand, inputs({ create: "kill -KILL $$" })));
      assert.match(text, /^Process exited with status 137 from signal KILL: running /);
    });
  });

  describe("diff", () => {
    const base = (): Props => inputs({ create: "true", triggers: ["1"], stdin: secret("a") });

    it("finds nothing when nothing changed", async () => {
      assert.deepEqual(difference(remoteCommand, await created(remoteCommand, base()), base()), {
        changes: {},
        replaces: [],
      });
    });

    it("replaces for triggers, whole or in part, and for nothing else", async () => {
      const known = await created(remoteCommand, base());
      const changed = (more: Props) => difference(remoteCommand, known, { ...base(), ...more });
      assert.deepEqual(changed({ triggers: ["2"] }), {
        changes: { "triggers[0]": "update" },
        replaces: ["triggers"],
      });
      assert.deepEqual(changed({ triggers: null }), {
        changes: { triggers: "delete" },
        replaces: ["triggers"],
      });
      const others: Props[] = [
        { create: "false" },
        { delete: "x" },
        { update: "x" },
        { stdin: secret("b") },
        { logging: "none" },
      ];
      for (const more of others) {
        assert.deepEqual(changed(more).replaces, [], JSON.stringify(more));
        assert.equal(Object.keys(changed(more).changes).length, 1);
      }
    });

    it("sees every change of the connection, the host key's included", async () => {
      const known = await created(remoteCommand, base());
      const { hostKey: _, ...withoutHostKey } = connection();
      const changed = (value: Value) =>
        difference(remoteCommand, known, { ...base(), connection: value }).changes;
      assert.deepEqual(changed(withoutHostKey), { connection: "update" });
      assert.deepEqual(changed({ ...connection(), user: "other" }), { connection: "update" });
    });

    it("copes with unknown values in the new inputs", async () => {
      const known = await created(remoteCommand, base());
      const news = { ...base(), create: UNKNOWN, triggers: [UNKNOWN], connection: UNKNOWN };
      assert.deepEqual(difference(remoteCommand, known, news), {
        changes: { create: "update", "triggers[0]": "update", connection: "update" },
        replaces: ["triggers"],
      });
    });
  });

  describe("update and delete", () => {
    it("runs update, or create where there is none, and nothing where there is neither", async () => {
      const known = await created(remoteCommand, inputs({ create: "echo made" }));
      const update = (more: Props) =>
        remoteCommand.update(known, checked(remoteCommand, inputs(more)), call());
      assert.equal((await update({ create: "echo made", update: "echo updated" }))["stdout"], "updated");
      assert.equal((await update({ create: "echo again" }))["stdout"], "again");
      assert.equal((await update({ delete: "x" }))["stdout"], "made");
    });

    it("leaves the streams open in the preview of an update", async () => {
      const known = await created(remoteCommand, inputs({ create: "echo made" }));
      const state = await remoteCommand.update(
        known,
        checked(remoteCommand, inputs({ create: "exit 1" })),
        call({ preview: true }),
      );
      assert.deepEqual([state["stdout"], state["create"]], [UNKNOWN, "exit 1"]);
    });

    it("runs delete with the state's connection and stdin, and nothing without a delete", async () => {
      const file = join(sshd.folder, "deleted");
      const known = await created(
        remoteCommand,
        inputs({ create: "true", delete: `cat > ${file}`, stdin: secret("bye") }),
      );
      await remoteCommand.delete?.(known, call());
      assert.equal(readFileSync(file, "utf8"), "bye");
      const before = sshd.logins();
      await remoteCommand.delete?.(await created(remoteCommand, inputs({})), call());
      assert.equal(sshd.logins(), before);
    });
  });

  describe("environment", () => {
    it("sets what the server accepts", async () => {
      const known = await created(
        remoteCommand,
        inputs({ create: "echo $GOOD_1-$GOOD_2", environment: { GOOD_1: "a", GOOD_2: "b" } }),
      );
      assert.equal(open(known)["stdout"], "a-b");
    });

    it("does not run the command when the server refuses a variable", async () => {
      const file = join(sshd.folder, "ran");
      writeFileSync(file, "no");
      const log = remember();
      const text = await failure(
        created(remoteCommand, inputs({ create: `echo yes > ${file}`, environment: { BAD: "x" } }), { log }),
      );
      assert.equal(text, 'could not set environment variable "BAD": ssh: setenv failed');
      assert.equal(readFileSync(file, "utf8"), "no");
      assert.match(log.said.join(), /^error: Unable to set 'BAD'/);
    });

    it("offers the streams of before on update and delete, warns where they are refused, and goes on", async () => {
      const known = await created(remoteCommand, inputs({ create: "echo out; echo err >&2" }));
      const said = async (more: Props): Promise<string[]> => {
        const log = remember();
        await remoteCommand.update(
          known,
          checked(remoteCommand, inputs({ create: "true", ...more })),
          call({ log }),
        );
        return log.said.filter((line) => line.startsWith("warning"));
      };
      const warned = await said({});
      assert.equal(warned.length, 2);
      assert.match(warned.join(), /'PULUMI_COMMAND_STDOUT'.*'PULUMI_COMMAND_STDERR'/);
      assert.deepEqual(await said({ addPreviousOutputInEnv: false }), []);
    });
  });

  describe("logging", () => {
    const said = async (logging: Value): Promise<string[]> => {
      const log = remember();
      const more: Props = logging === null ? {} : { logging };
      await created(remoteCommand, inputs({ create: "echo out; sleep 0.1; echo err >&2", ...more }), { log });
      return log.said;
    };

    it("shows both streams unless told otherwise", async () => {
      const kinds = [null, "stdoutAndStderr", "stdout", "stderr", "none"];
      assert.deepEqual(await Promise.all(kinds.map(said)), [
        ["status: out", "status: err"],
        ["status: out", "status: err"],
        ["status: out"],
        ["status: err"],
        [],
      ]);
    });
  });
});
