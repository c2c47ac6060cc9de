/** How connections are made: keys, host keys, jump hosts, retries and their error texts, against a real ssh server. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { remoteCommand } from "../../lab/plugins/command/command";
import { authorizedKey, sshPublicBlob } from "../../lab/plugins/keys/openssh";
import type { Props } from "../../lab/plugins/wire/values";
import { call, checked, created, failure, open, remember } from "./support/calls";
import { ended, freePort, makeKey, startSshd, type Sshd } from "./support/sshd";

describe("plugins: connections", function () {
  let sshd: Sshd;
  before(async () => {
    sshd = await startSshd(["MaxAuthTries 20"]);
  });
  after(() => sshd.stop());

  const connection = (more: Props = {}): Props => ({
    host: "127.0.0.1",
    port: sshd.port,
    user: sshd.user,
    privateKey: sshd.privateKey,
    hostKey: sshd.hostKey,
    dialErrorLimit: 0,
    ...more,
  });
  const without = (props: Props, ...names: string[]): Props =>
    Object.fromEntries(Object.entries(props).filter(([name]) => !names.includes(name)));
  const say = async (props: Props): Promise<string> =>
    String(open(await created(remoteCommand, { connection: props, create: "echo hello" }))["stdout"]);
  const refused = (props: Props): Promise<string> =>
    failure(created(remoteCommand, { connection: props, create: "echo hello" }));

  describe("host keys", () => {
    it("lets in without a host key, and with the right one", async () => {
      assert.equal(await say(without(connection(), "hostKey")), "hello");
      assert.equal(await say(connection()), "hello");
    });

    it("refuses a wrong one with the official words, counting the limit", async () => {
      const other =
        makeKey(join(sshd.folder, "other"), ["-t", "ed25519"]) && `${join(sshd.folder, "other")}.pub`;
      const hostKey = execFileSync("cat", [other], { encoding: "utf8" });
      assert.equal(
        await refused(connection({ hostKey, dialErrorLimit: 1 })),
        "after 1 failed attempts: ssh: handshake failed: ssh: host key mismatch",
      );
    });

    it("asks for the kind of the given key only", async () => {
      const { publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
      const hostKey = authorizedKey(sshPublicBlob(publicKey) ?? Buffer.of());
      assert.match(
        await refused(connection({ hostKey })),
        /^after 0 failed attempts: ssh: handshake failed: ssh: no common algorithm for host key; we offered: \[ecdsa-sha2-nistp256\]/,
      );
    });

    it("refuses a text that is no key before it connects", async () => {
      assert.equal(
        await refused(connection({ hostKey: "nonsense", port: 1 })),
        "failed to parse host key: ssh: no key found",
      );
    });
  });

  describe("keys", () => {
    const kinds: [string, string[]][] = [
      ["rsa", ["-t", "rsa", "-b", "2048"]],
      ["rsa in PEM", ["-t", "rsa", "-b", "2048", "-m", "PEM"]],
      ["ecdsa", ["-t", "ecdsa", "-b", "256"]],
      ["ecdsa in PEM", ["-t", "ecdsa", "-b", "384", "-m", "PEM"]],
      ["ecdsa in PKCS #8", ["-t", "ecdsa", "-b", "521", "-m", "PKCS8"]],
    ];
    for (const [name, args] of kinds) {
      it(`logs in with ${name}`, async () => {
        const path = join(sshd.folder, name.replace(/\W/g, "-"));
        const privateKey = makeKey(path, args);
        sshd.allow(execFileSync("ssh-keygen", ["-y", "-f", path], { encoding: "utf8" }));
        assert.equal(await say(connection({ privateKey })), "hello");
      });
    }

    it("logs in with ed25519 in PKCS #8, as @pulumi/tls writes it", async () => {
      const { privateKey, publicKey } = generateKeyPairSync("ed25519");
      sshd.allow(authorizedKey(sshPublicBlob(publicKey) ?? Buffer.of()));
      assert.equal(
        await say(connection({ privateKey: String(privateKey.export({ type: "pkcs8", format: "pem" })) })),
        "hello",
      );
    });

    it("opens an encrypted key, and says when the password is missing or wrong", async () => {
      const path = join(sshd.folder, "encrypted");
      const privateKey = makeKey(path, ["-t", "ed25519"], "sesame");
      sshd.allow(execFileSync("cat", [`${path}.pub`], { encoding: "utf8" }));
      assert.equal(await say(connection({ privateKey, privateKeyPassword: "sesame" })), "hello");
      assert.equal(
        await refused(connection({ privateKey })),
        "ssh: this private key is passphrase protected",
      );
      assert.equal(
        await refused(connection({ privateKey, privateKeyPassword: "wrong" })),
        "x509: decryption password incorrect",
      );
      assert.equal(await refused(connection({ privateKey: "nonsense" })), "ssh: no key found");
    });

    it("names the methods tried when nobody lets it in", async () => {
      const privateKey = makeKey(join(sshd.folder, "stranger"), ["-t", "ed25519"]);
      assert.equal(
        await refused(connection({ privateKey })),
        "after 0 failed attempts: ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain",
      );
      assert.match(
        await refused(without(connection({ password: "x" }), "privateKey")),
        /attempted methods \[none\]/,
      );
    });
  });

  describe("agents", () => {
    it("uses the agent of agentSocketPath, or of SSH_AUTH_SOCK", async () => {
      const socket = join(sshd.folder, "agent");
      const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
      const before = process.env["SSH_AUTH_SOCK"];
      try {
        const env = { ...process.env, SSH_AUTH_SOCK: socket };
        execFileSync(
          "bash",
          [
            "-c",
            `until [ -S "$1" ]; do sleep 0.02; done; ssh-add -q "$2"`,
            "bash",
            socket,
            join(sshd.folder, "user"),
          ],
          { env },
        );
        assert.equal(await say(without(connection({ agentSocketPath: socket }), "privateKey")), "hello");
        process.env["SSH_AUTH_SOCK"] = socket;
        assert.equal(await say(without(connection(), "privateKey")), "hello");
      } finally {
        if (before === undefined) delete process.env["SSH_AUTH_SOCK"];
        else process.env["SSH_AUTH_SOCK"] = before;
        await ended(agent);
      }
    });

    it("fails at once when the agent is not there", async () => {
      const text = await refused(connection({ agentSocketPath: "/nowhere/agent", dialErrorLimit: 5 }));
      assert.equal(text, "dial unix /nowhere/agent: connect: no such file or directory");
    });
  });

  describe("retries", () => {
    it("tries once more than the limit, backing off, and says so each time", async () => {
      const port = await freePort();
      const log = remember();
      const start = Date.now();
      const text = await failure(
        created(
          remoteCommand,
          { connection: connection({ port, dialErrorLimit: 3 }), create: "true" },
          { log },
        ),
      );
      assert.equal(text, `after 3 failed attempts: dial tcp 127.0.0.1:${port}: connect: connection refused`);
      assert.deepEqual(
        log.said,
        [1, 2, 3].map((n) => `status: Dial ${n}/3 failed: retrying`),
      );
      // 100 + 150 + 225 ms
      assert.ok(Date.now() - start >= 470, "the pauses grow");
    });

    it("gets through when the server comes up meanwhile, without a limit", async () => {
      const port = await freePort();
      const relay = createServer((inner) => {
        const outer = connect(sshd.port, "127.0.0.1");
        for (const end of [inner, outer]) end.on("error", () => undefined);
        inner.pipe(outer).pipe(inner);
      });
      setTimeout(() => relay.listen(port, "127.0.0.1"), 300);
      try {
        assert.equal(await say(connection({ port, dialErrorLimit: -1 })), "hello");
      } finally {
        relay.close();
      }
    });

    it("gives up on a TCP connection that is not answered after perDialTimeout", async () => {
      const silent = await fullListener();
      try {
        const text = await refused(connection({ port: silent.port, perDialTimeout: 1 }));
        assert.equal(text, `after 0 failed attempts: dial tcp 127.0.0.1:${silent.port}: i/o timeout`);
      } finally {
        await silent.stop();
      }
    });

    it("stops retrying at Cancel and at the end of the resource's timeout", async () => {
      const port = await freePort();
      const inputs = checked(remoteCommand, {
        connection: connection({ port, dialErrorLimit: -1 }),
        create: "true",
      });
      const cancel = new AbortController();
      setTimeout(() => cancel.abort(), 50);
      assert.equal(
        await failure(remoteCommand.create(inputs, call({ signal: cancel.signal }))),
        "context canceled",
      );
      const timeout = AbortSignal.timeout(50);
      assert.equal(
        await failure(remoteCommand.create(inputs, call({ signal: timeout }))),
        "context deadline exceeded",
      );
    });

    it("takes a server that hangs up for a failed handshake", async () => {
      const rude = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", () => resolve()));
      const { port } = rude.address() as AddressInfo;
      assert.equal(
        await refused(connection({ port })),
        "after 0 failed attempts: ssh: handshake failed: EOF",
      );
      rude.close();
    });
  });

  describe("jump hosts", () => {
    const jump = (more: Props = {}): Props => without(connection(more), "proxy");

    it("goes through the proxy, each with its own host key", async () => {
      const before = sshd.logins();
      assert.equal(await say(connection({ proxy: jump() })), "hello");
      assert.equal(sshd.logins(), before + 2);
    });

    it("says at which of the two it failed", async () => {
      const { publicKey } = generateKeyPairSync("ed25519");
      const hostKey = authorizedKey(sshPublicBlob(publicKey) ?? Buffer.of());
      assert.equal(
        await refused(connection({ proxy: jump({ hostKey }) })),
        "proxy: after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch",
      );
      assert.equal(
        await refused(connection({ hostKey, proxy: jump() })),
        "proxy: after 0 failed attempts: ssh: handshake failed: ssh: host key mismatch",
      );
      const port = await freePort();
      assert.equal(
        await refused(connection({ port, proxy: jump() })),
        "proxy: after 0 failed attempts: ssh: rejected: connect failed (Connection refused)",
      );
    });

    it("forgets why the handshake behind the proxy failed once it tries again, as the official plugin does", async () => {
      const { publicKey } = generateKeyPairSync("ed25519");
      const hostKey = authorizedKey(sshPublicBlob(publicKey) ?? Buffer.of());
      assert.equal(
        await refused(connection({ hostKey, dialErrorLimit: 1, proxy: jump() })),
        "proxy: after 1 failed attempts: ssh: handshake failed: EOF",
      );
    });
  });
});

/** A port whose queue of waiting connections is full, so that the kernel answers no more. */
async function fullListener(): Promise<{ port: number; stop(): Promise<void> }> {
  const script =
    'socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(0, inet_aton("127.0.0.1"))); listen(S, 0);' +
    '($p) = sockaddr_in(getsockname(S)); $| = 1; print "$p\\n"; sleep 30';
  const listener = spawn("perl", ["-MSocket", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise<number>((resolve) =>
    listener.stdout.once("data", (line) => resolve(Number(line))),
  );
  const fillers: Socket[] = [];
  for (let i = 0; i < 3; i++) fillers.push(connect(port, "127.0.0.1").on("error", () => undefined));
  await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    port,
    async stop() {
      for (const filler of fillers) filler.destroy();
      await ended(listener);
    },
  };
}
