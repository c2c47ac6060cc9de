import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer, get, type Server } from "node:https";
import { connect, createServer as createTcp, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { haproxyConfig, LB_PATHS } from "../../../components/loadbalancer/haproxy";
import type { Pem } from "./certificates";
import { CLUSTER } from "./cluster";

/** Answers as an API server does on /readyz. */
export class ApiServer {
  /** What /readyz says. */
  ready = true;
  /** Distinct requests of health checks: method, path and Host. */
  readonly asked = new Set<string>();
  readonly port: number;

  private constructor(private readonly server: Server) {
    this.port = (server.address() as AddressInfo).port;
    server.on("request", (req, res) => {
      if (req.url === "/readyz") this.asked.add(`${req.method} ${req.url} ${req.headers.host}`);
      res.writeHead(this.ready ? 200 : 500).end();
    });
    server.on("tlsClientError", () => undefined);
  }

  static async listen({ certPem, keyPem }: Pem): Promise<ApiServer> {
    const server = createServer({ cert: certPem, key: keyPem });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return new ApiServer(server);
  }

  /** Listens no more and drops its connections. */
  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** What HAProxy says of one server. */
export interface State {
  status: string;
  check: string;
}

/** The real HAProxy with the rendered config; only paths, ports and two timeouts are other ones. */
export class TestBalancer {
  readonly socket: string;

  private constructor(
    private readonly folder: string,
    private readonly process: ChildProcess,
    private readonly ports: { api: number; stats: number },
  ) {
    this.socket = join(folder, "haproxy.sock");
  }

  static async start(
    servers: Record<string, ApiServer>,
    caPem: string,
    statsHash: string,
  ): Promise<TestBalancer> {
    const folder = mkdtempSync(join(tmpdir(), "ha-kubernetes-haproxy-"));
    const ports = { api: await freePort(), stats: await freePort() };
    let text = haproxyConfig({
      masters: Object.keys(servers).map((name) => ({ name, address: "127.0.0.1" })),
      dnsName: CLUSTER.endpoint.dnsName,
    })
      .replaceAll(LB_PATHS.ca, join(folder, "ca.crt"))
      .replaceAll(LB_PATHS.socket, join(folder, "haproxy.sock"))
      .replace("bind *:6443", `bind 127.0.0.1:${ports.api}`)
      .replace(/@address@:\d+/, `127.0.0.1:${ports.stats}`)
      .replace("@stats_hash@", () => statsHash)
      .replaceAll(/timeout (client|server) 60s/g, "timeout $1 1s")
      .replaceAll(/^ {2}(chroot|user h|group h).*\n| user root group root/gm, "");
    for (const [name, { port }] of Object.entries(servers)) {
      text = text.replace(`server ${name} 127.0.0.1:6443`, `server ${name} 127.0.0.1:${port}`);
    }
    writeFileSync(join(folder, "ca.crt"), caPem);
    writeFileSync(join(folder, "haproxy.cfg"), text, { mode: 0o600 });
    const process = spawn("haproxy", ["-db", "-q", "-f", join(folder, "haproxy.cfg")], { stdio: "ignore" });
    return new TestBalancer(folder, process, ports);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, "exit");
      this.process.kill("SIGTERM");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The servers' states, by name. */
  async states(): Promise<Record<string, State>> {
    const socket = connect(this.socket);
    socket.end("show stat apiservers 4 -1\n");
    let text = "";
    for await (const chunk of socket) text += String(chunk);
    const [head = "", ...lines] = text.trim().split("\n");
    const columns = head.replace("# ", "").split(",");
    const field = (line: string, name: string) => line.split(",")[columns.indexOf(name)] ?? "";
    return Object.fromEntries(
      lines.map((line) => [
        field(line, "svname"),
        { status: field(line, "status"), check: field(line, "check_status").replace("* ", "") },
      ]),
    );
  }

  /** Asks again until the condition holds; the test's own timeout ends it. */
  async until(condition: (states: Record<string, State>) => boolean): Promise<Record<string, State>> {
    for (const end = Date.now() + 8000; ; await sleep(50)) {
      const states = await this.states().catch(() => undefined);
      if (states !== undefined && condition(states)) return states;
      if (Date.now() > end) throw new Error(`HAProxy stays at ${JSON.stringify(states)}`);
    }
  }

  /** A quiet connection to the API. */
  async connect(): Promise<QuietConnection> {
    const socket = connect(this.ports.api, "127.0.0.1");
    await once(socket, "connect");
    await sleep(100);
    return new QuietConnection(socket);
  }

  /** Status of a request to the API over a new connection, or the error. */
  get(path: string): Promise<string> {
    return new Promise((resolve) => {
      get({ port: this.ports.api, path, rejectUnauthorized: false, agent: false }, (res) => {
        res.resume();
        resolve(String(res.statusCode));
      }).on("error", (error) => resolve(error.message));
    });
  }

  /** Status and body of a page of the statistics. */
  page(path: string, password?: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const auth = password === undefined ? undefined : `admin:${password}`;
      const sent = request({ port: this.ports.stats, path, auth, agent: false }, (res) => {
        let body = "";
        res
          .on("data", (chunk) => (body += String(chunk)))
          .on("end", () => resolve(`${res.statusCode} ${body}`));
      });
      sent.on("error", reject).end();
    });
  }
}

/** A connection on which nothing is said. */
export class QuietConnection {
  private closed = false;

  constructor(private readonly socket: Socket) {
    socket.on("error", () => undefined).on("close", () => (this.closed = true));
    socket.resume();
  }

  /** Milliseconds until the other side closed it, or undefined. */
  async closedWithin(ms: number): Promise<number | undefined> {
    for (const start = Date.now(); Date.now() - start < ms; await sleep(20)) {
      if (this.closed) return Date.now() - start;
    }
    return undefined;
  }

  end(): void {
    this.socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createTcp().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
