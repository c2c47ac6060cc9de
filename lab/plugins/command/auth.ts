/** Who we are to an ssh server: keys, password, agent, in the order and with the words of the official plugin. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { connect } from "node:net";
import { utils, type AnyAuthMethod, type AuthHandlerMiddleware, type ParsedKey } from "ssh2";
import { opensshPrivateKey } from "../keys/openssh";
import { firstPemBlock } from "../keys/pem";
import type { Endpoint } from "./connection";
import { dialError } from "./errors";

/** One attempt's methods; `tried` fills up as the server refuses them. */
export interface Authentication {
  handler: AuthHandlerMiddleware;
  tried: string[];
}

/** Prepares what can be offered; a key that can't be read fails here, before any connection. */
export async function authentication(endpoint: Endpoint): Promise<() => Authentication> {
  const username = endpoint.user;
  const methods: AnyAuthMethod[] = [];
  if (endpoint.privateKey !== undefined) {
    methods.push({
      type: "publickey",
      username,
      key: usableKey(endpoint.privateKey, endpoint.privateKeyPassword),
    });
  }
  const { password } = endpoint;
  if (password !== undefined) {
    methods.push({ type: "password", username, password });
    methods.push({
      type: "keyboard-interactive",
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.map(() => password)),
    });
  }
  const agent = endpoint.agentSocketPath ?? (process.env["SSH_AUTH_SOCK"] || undefined);
  if (agent !== undefined) {
    await agentAnswers(agent);
    methods.push({ type: "agent", username, agent });
  }
  return () => attempt(username, methods);
}

/** Tries `none` first and then each kind once; a second key of the same kind is never tried, as in Go's client. */
function attempt(username: string, methods: readonly AnyAuthMethod[]): Authentication {
  const tried: string[] = [];
  const handler: AuthHandlerMiddleware = (left, _partial, next) => {
    // ssh2 passes null before the first answer of the server.
    const allowed = left as readonly string[] | null;
    if (allowed === null) {
      tried.push("none");
      return next({ type: "none", username });
    }
    const method = methods.find(
      ({ type }) => !tried.includes(wireName(type)) && allowed.includes(wireName(type)),
    );
    // ssh2's types leave out `false`, which its documentation gives as the way to stop.
    if (method === undefined) return (next as unknown as (stop: false) => void)(false);
    tried.push(wireName(method.type));
    next(method);
  };
  return { handler, tried };
}

function wireName(type: string): string {
  return type === "agent" ? "publickey" : type;
}

/** Reads a private key; ssh2 knows OpenSSH's format only in part of the cases in which Go's client also takes PEM. */
function usableKey(text: string, passphrase: string | undefined): ParsedKey {
  const block = firstPemBlock(text);
  if (block === undefined) throw new Error("ssh: no key found");
  const openssh = block.type === "OPENSSH PRIVATE KEY" ? text : asOpenssh(text, passphrase);
  const parsed = utils.parseKey(openssh, passphrase);
  if (!(parsed instanceof Error)) return parsed;
  if (passphrase === undefined) throw new Error("ssh: this private key is passphrase protected");
  throw new Error("x509: decryption password incorrect");
}

function asOpenssh(pem: string, passphrase: string | undefined): string {
  const key = createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  const openssh = opensshPrivateKey(key, createPublicKey(key));
  if (openssh === undefined) throw new Error("ssh: unsupported key type");
  return openssh;
}

/** Fails with the dial's error when nobody listens on the agent's socket; the official plugin dials it first. */
function agentAnswers(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", (error) => reject(dialError("unix", path, error)));
  });
}
