/** The `connection` input of the remote resources: its fields, defaults and secret marks (schema of pulumi-command 1.2.1). */
import type { Failure } from "../wire/resource";
import {
  hasUnknown,
  isObject,
  isSecret,
  isUnknown,
  plain,
  reveal,
  secret,
  type Props,
  type Value,
} from "../wire/values";

/** How to reach one ssh server. */
export interface Endpoint {
  host: string;
  port: number;
  user: string;
  password?: string;
  privateKey?: string;
  privateKeyPassword?: string;
  agentSocketPath?: string;
  hostKey?: string;
  dialErrorLimit: number;
  perDialTimeout: number;
}

/** How to reach a host, perhaps through another. */
export interface Connection extends Endpoint {
  proxy?: Endpoint;
}

const DEFAULTS: Readonly<Record<string, Value>> = {
  port: 22,
  user: "root",
  dialErrorLimit: 10,
  perDialTimeout: 15,
};
const SECRETS = ["password", "privateKey", "privateKeyPassword"];

/** Fills the defaults and puts the secret marks, on the whole and on its keys, as the official check does. */
export function checkConnection(value: Value | undefined): { value: Value; failures: Failure[] } {
  if (value === undefined || value === null) {
    return { value: null, failures: [{ property: "connection", reason: "missing required property" }] };
  }
  if (isUnknown(value)) return { value: secret(reveal(value)), failures: [] };
  const inner = reveal(value);
  if (!isObject(inner)) {
    return { value: secret(inner), failures: [{ property: "connection", reason: "expected an object" }] };
  }
  const checked = withDefaults(inner);
  const failures = missingHost(checked, "connection");
  const proxy = checked["proxy"] === undefined ? undefined : reveal(checked["proxy"]);
  if (isObject(proxy)) {
    const checkedProxy = withDefaults(proxy);
    failures.push(...missingHost(checkedProxy, "connection.proxy"));
    checked["proxy"] = isSecret(checked["proxy"]) ? secret(checkedProxy) : checkedProxy;
  }
  return { value: secret(checked), failures };
}

/** Reads a checked connection; only for values that are all known. */
export function readConnection(value: Value | undefined): Connection {
  if (value === undefined || hasUnknown(value)) throw new Error("connection: a value is not known yet");
  const props = plain(value);
  if (!isObject(props)) throw new Error("connection: expected an object");
  const connection: Connection = readEndpoint(props);
  const proxy = props["proxy"];
  if (isObject(proxy)) connection.proxy = readEndpoint(proxy);
  return connection;
}

function readEndpoint(props: Props): Endpoint {
  const endpoint: Endpoint = {
    host: String(props["host"]),
    port: Math.trunc(Number(props["port"] ?? DEFAULTS["port"])),
    user: String(props["user"] ?? DEFAULTS["user"]),
    dialErrorLimit: Number(props["dialErrorLimit"] ?? DEFAULTS["dialErrorLimit"]),
    perDialTimeout: Number(props["perDialTimeout"] ?? DEFAULTS["perDialTimeout"]),
  };
  for (const field of [
    "password",
    "privateKey",
    "privateKeyPassword",
    "agentSocketPath",
    "hostKey",
  ] as const) {
    const text = props[field];
    if (typeof text === "string") endpoint[field] = text;
  }
  return endpoint;
}

function withDefaults(props: Props): Props {
  const filled: Props = { ...props };
  for (const [name, value] of Object.entries(DEFAULTS)) filled[name] ??= value;
  for (const name of SECRETS) {
    const value = filled[name];
    if (value !== undefined && value !== null) filled[name] = secret(value);
  }
  return filled;
}

function missingHost(props: Props, where: string): Failure[] {
  return props["host"] === undefined
    ? [{ property: `${where}.host`, reason: "missing required property" }]
    : [];
}
