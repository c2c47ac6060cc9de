/** Ssh connections as the official plugin makes them: retried, host key checked only if given, perhaps over a jump host. */
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Client, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import type { Call } from "../wire/resource";
import { authentication, type Authentication } from "./auth";
import type { Connection, Endpoint } from "./connection";
import { channelError, dialError, handshakeError, hostPort } from "./errors";
import { withRetry } from "./retry";

/** Go's default for TCP connections. */
const KEEPALIVE_MS = 15_000;

/** A connected client, and how to end it with all that carries it. */
export interface Dialed {
  client: Client;
  close(): void;
}

/** Connects to a host, over its proxy if it has one. */
export async function dial(connection: Connection, call: Pick<Call, "signal" | "log">): Promise<Dialed> {
  const shake = await handshaker(connection);
  const { proxy, dialErrorLimit } = connection;
  if (proxy === undefined) {
    const client = await withRetry("Dial", dialErrorLimit, call, async () => shake(await tcp(connection)));
    return { client, close: () => client.end() };
  }
  return prefixed("proxy: ", async () => {
    const shakeProxy = await handshaker(proxy);
    const jump = await withRetry("Dial proxy", proxy.dialErrorLimit, call, async () =>
      shakeProxy(await tcp(proxy)),
    );
    try {
      const stream = await withRetry("Dial from proxy", dialErrorLimit, call, () =>
        forward(jump, connection),
      );
      const client = await withRetry("Dial", dialErrorLimit, call, (index) => {
        // The official plugin tries again on the same, closed stream, which hides the first try's error.
        if (index > 0) throw handshakeError("EOF");
        return shake(stream);
      });
      return { client, close: () => (client.end(), jump.end()) };
    } catch (error) {
      jump.end();
      throw error;
    }
  });
}

/** Prepares the ssh handshake with an endpoint; what is wrong with its keys is told before anything is dialed. */
async function handshaker(endpoint: Endpoint): Promise<(stream: Duplex) => Promise<Client>> {
  const expected = endpoint.hostKey === undefined ? undefined : parseHostKey(endpoint.hostKey);
  const credentials = await authentication(endpoint);
  return (stream) => handshake(stream, endpoint.user, expected, credentials());
}

interface HostKey {
  type: string;
  blob: Buffer;
}

function parseHostKey(line: string): HostKey {
  const [, type, base64] = /(?:^|\s)((?:ssh|ecdsa|sk)-[\w@.-]+)\s+([A-Za-z0-9+/]+=*)/.exec(line) ?? [];
  if (type === undefined || base64 === undefined)
    throw new Error("failed to parse host key: ssh: no key found");
  return { type, blob: Buffer.from(base64, "base64") };
}

function handshake(
  stream: Duplex,
  username: string,
  expected: HostKey | undefined,
  auth: Authentication,
): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    let mismatch = false;
    const config: ConnectConfig = {
      sock: stream,
      username,
      authHandler: auth.handler,
      // perDialTimeout covers the TCP connection only; Go's handshake has no limit of its own.
      readyTimeout: 0,
    };
    if (expected !== undefined) {
      config.algorithms = { serverHostKey: [expected.type as ServerHostKeyAlgorithm] };
      config.hostVerifier = (key: Buffer) => !(mismatch = !key.equals(expected.blob));
    }
    const fail = (error: Error & { level?: string }): void => {
      client.destroy();
      reject(handshakeError(mismatch ? "ssh: host key mismatch" : describe(error, expected, auth)));
    };
    client.once("ready", () => {
      client.removeListener("error", fail).removeListener("close", closed);
      // An error after this is seen by the channel that breaks.
      client.on("error", () => undefined);
      resolve(client);
    });
    const closed = (): void => fail(new Error("EOF"));
    client.once("error", fail);
    client.once("close", closed);
    try {
      client.connect(config);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function describe(
  error: Error & { level?: string },
  expected: HostKey | undefined,
  auth: Authentication,
): string {
  if (error.level === "client-authentication") {
    return `ssh: unable to authenticate, attempted methods [${auth.tried.join(" ")}], no supported methods remain`;
  }
  if (/no matching (server )?host key/i.test(error.message) && expected !== undefined) {
    return `ssh: no common algorithm for host key; we offered: [${expected.type}]`;
  }
  if (/connection lost before handshake|ECONNRESET/i.test(error.message)) return "EOF";
  return error.message;
}

function tcp({ host, port, perDialTimeout }: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const address = hostPort(host, port);
    const socket = connect({
      host,
      port,
      keepAlive: true,
      keepAliveInitialDelay: KEEPALIVE_MS,
      noDelay: true,
    });
    const timer =
      perDialTimeout > 0
        ? setTimeout(() => socket.destroy(new Error("i/o timeout")), perDialTimeout * 1000)
        : undefined;
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(dialError("tcp", address, error));
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.removeListener("error", fail);
      resolve(socket);
    });
  });
}

function forward(jump: Client, { host, port }: Endpoint): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    jump.forwardOut("127.0.0.1", 0, host, port, (error, stream) =>
      error === undefined ? resolve(stream) : reject(channelError(error)),
    );
  });
}

async function prefixed<T>(prefix: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(prefix + (error instanceof Error ? error.message : String(error)), { cause: error });
  }
}
