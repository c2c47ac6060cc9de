import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  MYSQL_SERVERS,
  MYSQL_USERS,
  mysqlConfig,
  secretFiles,
} from "../../../components/samples/mysqlConfig";
import type { MysqlEngine, MysqlServer } from "../../../components/spec/types";
import { ENGINES } from "./engines";
import { ended, running } from "./processes";
import { Writer } from "./writer";

const SCRIPTS = join(__dirname, "../../../components/samples/scripts");

/** Exit code of start.sh where it starts no server. */
const START_REFUSED = 1;

/** A server refuses to run as root. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** The real servers of the sample on this machine, each with its role.sh; only paths, addresses and sizes are other ones. */
export class TestServers {
  private readonly folder = mkdtempSync(join(tmpdir(), "ha-kubernetes-mysql-"));
  private readonly servers = new Map<MysqlServer, ChildProcess>();
  private readonly roles = new Map<MysqlServer, ChildProcess>();
  private restore = "";

  private constructor(
    private readonly engine: MysqlEngine,
    private readonly port: number,
  ) {
    cpSync(SCRIPTS, join(this.folder, "scripts"), { recursive: true });
    mkdirSync(join(this.folder, "secrets"));
    const passwords = Object.fromEntries(MYSQL_USERS.map((user) => [user, `of-${user}`]));
    for (const [name, text] of Object.entries(secretFiles(passwords)))
      writeFileSync(join(this.folder, "secrets", name), text);
    const config = mysqlConfig(engine).replace(
      "innodb_buffer_pool_size = 512M",
      "innodb_buffer_pool_size = 16M",
    );
    writeFileSync(join(this.folder, "server.cnf"), `${config}${ENGINES[engine].smallLog}\n`);
    for (const name of MYSQL_SERVERS) {
      for (const path of [join(this.folder, name), this.run(name)]) {
        mkdirSync(path);
        if (NOBODY.uid !== undefined) chownSync(path, NOBODY.uid, NOBODY.gid);
      }
    }
    chmodSync(this.folder, 0o755);
  }

  /** Starts all three on empty folders. */
  static async start(engine: MysqlEngine): Promise<TestServers> {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, "close");
    const servers = new TestServers(engine, port);
    for (const name of MYSQL_SERVERS) servers.boot(name);
    return servers;
  }

  /** Starts a server and its role.sh, as the kubelet does. */
  boot(name: MysqlServer): void {
    if (running(this.servers.get(name))) throw new Error(`${name} runs`);
    // What was said before its end is not to be taken for what it says now.
    rmSync(join(this.run(name), "state"), { force: true });
    this.serve(name);
    this.follow(name);
  }

  /** Starts a server, and again when it has ended by itself, as one of MySQL that was cloned does. */
  private serve(name: MysqlServer): void {
    const server = this.spawned(name, "start.sh", `--bind-address=${this.address(name)}`);
    this.servers.set(name, server);
    server.on("exit", (code) => {
      if (code !== null && code !== START_REFUSED && this.servers.get(name) === server) this.serve(name);
    });
  }

  /** Runs backup.sh beside a server, as Velero does before it copies the volume; gives what it says. */
  backUp(name: MysqlServer): string {
    const { status, signal, stderr } = spawnSync("bash", [this.script("backup.sh")], {
      env: this.env(name),
      ...NOBODY,
      encoding: "utf8",
      // Longer than its patience, so that it says why.
      timeout: 90_000,
    });
    if (status !== 0) throw new Error(`backup.sh of ${name}: exit code ${status}, ${signal}: ${stderr}`);
    return stderr;
  }

  /** What a file in a server's volume says, or undefined where there is none. */
  file(name: MysqlServer, file: string): string | undefined {
    const path = join(this.folder, name, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  /** Puts a file into a server's volume. */
  put(name: MysqlServer, file: string, text: string): void {
    const path = join(this.folder, name, file);
    writeFileSync(path, text);
    if (NOBODY.uid !== undefined) chownSync(path, NOBODY.uid, NOBODY.gid);
  }

  /** The pods that are started from now on are those that Velero restores, or with an empty name those that their StatefulSet makes. */
  restored(name: string): void {
    this.restore = name;
  }

  /** Starts the role.sh of a server. */
  follow(name: MysqlServer): void {
    if (running(this.roles.get(name))) throw new Error(`${name} has a role.sh`);
    this.roles.set(name, this.spawned(name, "role.sh"));
  }

  /** Stops the role.sh of a server: what somebody does to the server by hand stays. */
  leave(name: MysqlServer): Promise<void> {
    return ended(this.roles.get(name));
  }

  /** Kills a server and its role.sh: the loss of a pod, or of its host. */
  async kill(name: MysqlServer): Promise<void> {
    const server = this.servers.get(name);
    // One that ends by itself in this moment stays ended.
    this.servers.delete(name);
    await Promise.all([ended(server), ended(this.roles.get(name))]);
  }

  /** Empties the volume of a killed server, as `kubectl delete pvc` does. */
  wipe(name: MysqlServer): void {
    for (const file of readdirSync(join(this.folder, name)))
      rmSync(join(this.folder, name, file), { recursive: true });
  }

  /** Waits for the end of a server that does not start; gives what start.sh said at last. */
  async refusal(name: MysqlServer): Promise<string> {
    const server = this.servers.get(name);
    if (running(server)) await once(server, "close");
    return this.said(name).trim().split("\n").at(-1) ?? "";
  }

  /** All that start.sh and its server said. */
  said(name: MysqlServer): string {
    return readFileSync(join(this.folder, `${name}-start.sh.log`), "utf8");
  }

  async stop(): Promise<void> {
    await Promise.all(MYSQL_SERVERS.map((name) => this.kill(name)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs statements as a user, through the network; gives what the client prints, or fails with its error. */
  sql(name: MysqlServer, statements: string, user = "root"): string {
    const [program, ...args] = this.client(name, user);
    const { status, stdout, stderr } = spawnSync(program, [...args, "-N", "-B"], {
      input: statements,
      encoding: "utf8",
      timeout: 15_000,
    });
    if (status !== 0) throw new Error(`${name}: ${statements}: ${stderr}`);
    return stdout.trim();
  }

  /** What role.sh says of a server. */
  state(name: MysqlServer): string {
    try {
      return readFileSync(join(this.run(name), "state"), "utf8").trim();
    } catch {
      return "";
    }
  }

  /** Whether a probe of the pod succeeds. */
  probe(name: MysqlServer, what: string): boolean {
    return (
      spawnSync("bash", [this.script("probe.sh"), what], { env: this.env(name), timeout: 10_000 }).status ===
      0
    );
  }

  /** Waits until servers are in these states. */
  async until(wanted: Partial<Record<MysqlServer, string | RegExp>>, seconds = 30): Promise<void> {
    for (const end = Date.now() + seconds * 1000; ; await sleep(50)) {
      const missing = MYSQL_SERVERS.filter((name) => {
        const state = wanted[name] ?? /.*/;
        return typeof state === "string" ? this.state(name) !== state : !state.test(this.state(name));
      });
      if (missing.length === 0) return;
      if (Date.now() > end)
        throw new Error(
          `${missing.map((name) => `${name} is "${this.state(name)}"`).join(", ")}\n${this.logs()}`,
        );
    }
  }

  /** Runs promote.sh as the Job does. */
  async promote(name: MysqlServer): Promise<{ code: number | null; said: string }> {
    const env = { ...this.env(), MYSQL_SILENCE_SECONDS: "1", MYSQL_OPENING_SECONDS: "20" };
    const child = spawn("bash", [this.script("promote.sh"), name], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk) => (said += String(chunk)));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, said };
  }

  /** A client that inserts rows into app.rows, one commit each, until it fails. */
  writer(name: MysqlServer, from: number): Writer {
    return new Writer(this.client(name, "app"), from);
  }

  /** The last lines of all logs. */
  logs(lines = 12): string {
    const files = MYSQL_SERVERS.flatMap((name) => ["start.sh", "role.sh"].map((of) => `${name}-${of}.log`));
    return files
      .map(
        (file) =>
          `== ${file}\n${readFileSync(join(this.folder, file), "utf8").split("\n").slice(-lines).join("\n")}`,
      )
      .join("\n");
  }

  private client(name: MysqlServer, user: string): [program: string, ...args: string[]] {
    return [
      ENGINES[this.engine].programs[1],
      `--defaults-file=${join(this.folder, "secrets", `${user}.cnf`)}`,
      ...["--protocol=tcp", `--host=${this.address(name)}`, `--port=${this.port}`, "--connect-timeout=2"],
    ];
  }

  private address(name: MysqlServer): string {
    return `127.0.0.${MYSQL_SERVERS.indexOf(name) + 1}`;
  }

  private run(name: MysqlServer): string {
    return join(this.folder, `${name}-run`);
  }

  private script(file: string): string {
    return join(this.folder, "scripts", file);
  }

  private env(name?: MysqlServer): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "",
      MYSQL_ENGINE: this.engine,
      MYSQL_SERVERS: MYSQL_SERVERS.map((server) => `${server}=${this.address(server)}`).join(" "),
      MYSQL_PORT: String(this.port),
      MYSQL_SECRETS: join(this.folder, "secrets"),
      MYSQL_CONFIG: join(this.folder, "server.cnf"),
      MYSQL_TURN_SECONDS: "0.3",
      ...(name !== undefined && {
        MYSQL_NAME: name,
        MYSQL_RUN: this.run(name),
        // Temporary tables of two that are made at once have the same names.
        TMPDIR: this.run(name),
        MYSQL_DATA: join(this.folder, name, "data"),
        MYSQL_RESTORED: this.restore,
      }),
    };
  }

  private spawned(name: MysqlServer, file: string, ...args: string[]): ChildProcess {
    const log = join(this.folder, `${name}-${file}.log`);
    const child = spawn("bash", [this.script(file), ...args], {
      env: this.env(name),
      cwd: this.run(name),
      ...NOBODY,
      // A group of its own, which ends as one.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const note = (chunk: unknown) => writeFileSync(log, String(chunk), { flag: "a" });
    writeFileSync(log, "", { flag: "a" });
    child.stdout.on("data", note);
    child.stderr.on("data", note);
    return child;
  }
}
