/** `command:remote:Command`: the rules of pulumi-command 1.2.1 (provider/pkg/provider/remote, and pulumi-go-provider 1.3.0 for diff and secrets). */
import { randomBytes } from "node:crypto";
import { compare, topLevel, type Difference } from "../wire/diff";
import type { Call, Checked, Created, Failure, Known, Resource } from "../wire/resource";
import { isObject, isUnknown, plain, reveal, UNKNOWN, type Props, type Value } from "../wire/values";
import { checkConnection, readConnection } from "./connection";
import { run, type Logging, type Streams } from "./run";

const INPUTS = [
  "connection",
  "create",
  "update",
  "delete",
  "stdin",
  "triggers",
  "environment",
  "logging",
  "addPreviousOutputInEnv",
] as const;
const LOGGING: readonly string[] = ["stdout", "stderr", "stdoutAndStderr", "none"];

/** Commands over ssh at create, update and delete. */
export const remoteCommand: Resource = {
  check: checkCommand,
  diff: (known, news) => diffInputs(known, news, INPUTS),

  async create(inputs: Props, call: Call): Promise<Created> {
    const id = call.name + randomBytes(4).toString("hex");
    if (call.preview) return { id, state: { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN } };
    const script = text(inputs["create"]);
    if (script === undefined) return { id, state: { ...inputs, stdout: "", stderr: "" } };
    return { id, state: { ...inputs, ...(await execute(script, inputs, undefined, call)) } };
  },

  async update(known: Known, inputs: Props, call: Call): Promise<Props> {
    if (call.preview) return { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN };
    const before = streams(known.state);
    const script = text(inputs["update"]) ?? text(inputs["create"]);
    if (script === undefined) return { ...inputs, ...before };
    return { ...inputs, ...(await execute(script, inputs, before, call)) };
  },

  async delete(known: Known, call: Call): Promise<void> {
    const script = text(known.state["delete"]);
    if (script !== undefined) await execute(script, known.state, streams(known.state), call);
  },
};

/** What changes between the inputs of before and now; `triggers` replace, all else updates. */
export function diffInputs(known: Known, news: Props, names: readonly string[]): Difference {
  // Engines from before 3.60 don't send the old inputs; the outputs repeat them.
  const before = Object.keys(known.inputs).length > 0 ? known.inputs : known.state;
  const pick = (props: Props): Props =>
    Object.fromEntries(Object.entries(props).filter(([name]) => names.includes(name)));
  const changes = compare(pick(before), pick(news));
  const replaces = [...changes.keys()].some((path) => topLevel(path) === "triggers") ? ["triggers"] : [];
  return { changes, replaces };
}

function checkCommand(news: Props): Checked {
  const connection = checkConnection(news["connection"]);
  const failures: Failure[] = [...connection.failures];
  const logging = news["logging"];
  if (logging !== undefined && !isUnknown(logging) && !LOGGING.includes(String(reveal(logging)))) {
    failures.push({ property: "logging", reason: `expected one of ${LOGGING.join(", ")}` });
  }
  return { inputs: { ...news, connection: connection.value }, failures };
}

function execute(script: string, props: Props, previous: Streams | undefined, call: Call): Promise<Streams> {
  const stdin = text(props["stdin"]);
  const offersPrevious = plain(props["addPreviousOutputInEnv"] ?? true) !== false;
  return run(
    {
      connection: readConnection(props["connection"]),
      command: script,
      ...(stdin === undefined ? {} : { stdin }),
      environment: environment(props["environment"]),
      ...(previous !== undefined && offersPrevious ? { previous } : {}),
      logging: (text(props["logging"]) ?? "stdoutAndStderr") as Logging,
    },
    call,
  );
}

function environment(value: Value | undefined): Record<string, string> {
  const found = value === undefined ? undefined : plain(value);
  if (!isObject(found)) return {};
  return Object.fromEntries(Object.entries(found).map(([name, entry]) => [name, String(entry)]));
}

function streams(state: Props): Streams {
  return { stdout: text(state["stdout"]) ?? "", stderr: text(state["stderr"]) ?? "" };
}

function text(value: Value | undefined): string | undefined {
  const found = value === undefined ? undefined : plain(value);
  return typeof found === "string" ? found : undefined;
}
