/** A private ssh server for a test, on 127.0.0.1, with its own keys; it ends with the test. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

const SSHD = "/usr/sbin/sshd";

/** A running server and all that is needed to log in. */
export interface Sshd {
  folder: string;
  port: number;
  user: string;
  /** The server's public key, as `hostKey` takes it. */
  hostKey: string;
  /** The text of an OpenSSH ed25519 key that may log in. */
  privateKey: string;
  /** Lets a further public key in. */
  allow(publicKey: string): void;
  /** How many logins the server has let in so far. */
  logins(): number;
  stop(): Promise<void>;
}

/** Starts a server; `extra` are further lines of its configuration. */
export async function startSshd(extra: readonly string[] = []): Promise<Sshd> {
  if (!existsSync(SSHD)) {
    throw new Error(
      `${SSHD} is missing: these tests log in to a real ssh server; install it: apt-get install openssh-server`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), "plugins-sshd-"));
  const authorized = join(folder, "authorized_keys");
  for (const name of ["host", "user"]) makeKey(join(folder, name), ["-t", "ed25519"]);
  writeFileSync(authorized, readFileSync(join(folder, "user.pub")), { mode: 0o600 });
  const port = await freePort();
  const config = join(folder, "sshd_config");
  writeFileSync(
    config,
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${join(folder, "host")}`,
      "PidFile none",
      `AuthorizedKeysFile ${authorized}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin yes",
      "LogLevel VERBOSE",
      "Subsystem sftp internal-sftp",
      // Keeps bash from running the user's .bashrc, which may be slow and may write.
      "SetEnv SHLVL=2",
      ...extra,
    ].join("\n") + "\n",
  );
  // sshd wants its empty folder when it is started by root.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
  const log = join(folder, "log");
  const server = spawn(SSHD, ["-D", "-E", log, "-f", config], { stdio: "ignore" });
  await answers(port, () => (existsSync(log) ? readFileSync(log, "utf8") : ""));
  return {
    folder,
    port,
    user: userInfo().username,
    hostKey: readFileSync(join(folder, "host.pub"), "utf8").trim(),
    privateKey: readFileSync(join(folder, "user"), "utf8"),
    allow: (publicKey) => writeFileSync(authorized, `\n${publicKey.trim()}\n`, { flag: "a" }),
    logins: () => (readFileSync(log, "utf8").match(/^Accepted publickey /gm) ?? []).length,
    async stop() {
      await ended(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a key pair by ssh-keygen and gives the private one's text. */
export function makeKey(path: string, args: readonly string[], passphrase = ""): string {
  execFileSync("ssh-keygen", ["-q", "-N", passphrase, "-f", path, ...args]);
  return readFileSync(path, "utf8");
}

/** A port nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Ends a child by its id and waits until it is gone. */
export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

async function answers(port: number, log: () => string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("close", () => undefined);
      setTimeout(() => socket.destroy(), 20);
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the test's sshd does not answer on port ${port}: ${log()}`);
}
