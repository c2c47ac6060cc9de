/** One command on one new ssh connection. */
import type { ClientChannel } from "ssh2";
import type { Call } from "../wire/resource";
import type { Connection } from "./connection";
import { dial } from "./dial";
import { askForEnvironment, type Variable } from "./environment";
import { channelError, exitError } from "./errors";
import { goQuote } from "./go-quote";
import { LineLog } from "./line-log";

/** Which streams are shown while the command runs. */
export type Logging = "stdout" | "stderr" | "stdoutAndStderr" | "none";

/** What to run and how. */
export interface Task {
  connection: Connection;
  command: string;
  stdin?: string;
  environment: Readonly<Record<string, string>>;
  /** The streams of the run before, offered as PULUMI_COMMAND_STDOUT and _STDERR. */
  previous?: Streams;
  logging: Logging;
}

/** What a command wrote, each without its last newline. */
export interface Streams {
  stdout: string;
  stderr: string;
}

/** What ssh2 tells when a channel closes. */
type Exit = [code?: number | null, signal?: string, dump?: boolean, message?: string];

/** Runs a command; a non-zero exit is an error whose text holds the command and all it wrote. */
export async function run(task: Task, call: Pick<Call, "signal" | "log">): Promise<Streams> {
  const dialed = await dial(task.connection, call);
  try {
    return await new Promise<Streams>((resolve, reject) => {
      askForEnvironment(dialed.client, variables(task, call), reject);
      dialed.client.exec(task.command, (error, channel) => {
        if (error !== undefined) return reject(channelError(error));
        // Listened to in this very tick: all of a quick command's answer may come in one packet.
        converse(channel, task, call).then(resolve, reject);
      });
    });
  } finally {
    // The official plugin leaves every connection open until it ends; a stand-in need not.
    dialed.close();
  }
}

function converse(channel: ClientChannel, task: Task, call: Pick<Call, "log">): Promise<Streams> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const both: Buffer[] = [];
    const lines = new LineLog((line) => call.log.status(line));
    const collect = (own: Buffer[], shown: boolean) => (data: Buffer) => {
      own.push(data);
      both.push(data);
      if (shown) lines.write(data);
    };
    channel.on("data", collect(stdout, task.logging === "stdout" || task.logging === "stdoutAndStderr"));
    channel.stderr.on(
      "data",
      collect(stderr, task.logging === "stderr" || task.logging === "stdoutAndStderr"),
    );

    const closed = async (...exit: Exit): Promise<void> => {
      // What came on stderr in the last packet is handed out after the close.
      await new Promise(setImmediate);
      lines.end();
      // A command that leaves stdin unread beyond the connection's window fails, even with status 0.
      const failure =
        exitError(exit[0] ?? undefined, exit[1], exit[3] ?? "") ??
        (channel.writableFinished ? undefined : "EOF");
      if (failure !== undefined) {
        reject(new Error(`${failure}: running ${goQuote(task.command)}:\n${text(both)}`));
        return;
      }
      resolve({ stdout: text(stdout).replace(/\n$/, ""), stderr: text(stderr).replace(/\n$/, "") });
    };
    channel.on("close", (...exit: Exit) => void closed(...exit));
    // The remote process may end before it has read everything; its exit status tells the rest.
    channel.on("error", () => undefined);
    channel.end(task.stdin ?? "");
  });
}

function variables(task: Task, call: Pick<Call, "log">): Variable[] {
  const wanted = Object.entries(task.environment).map(([name, value]): Variable => ({
    name,
    value,
    refused: () => {
      call.log.error(refusal(name));
      return new Error(`could not set environment variable ${goQuote(name)}: ssh: setenv failed`);
    },
  }));
  const { stdout = "", stderr = "" } = task.previous ?? {};
  const offered = { PULUMI_COMMAND_STDOUT: stdout, PULUMI_COMMAND_STDERR: stderr };
  for (const [name, value] of Object.entries(offered)) {
    const refused = () => {
      call.log.warning(refusal(name));
      return undefined;
    };
    if (value !== "") wanted.push({ name, value, refused });
  }
  return wanted;
}

function refusal(name: string): string {
  return (
    `Unable to set '${name}'. The ssh server takes only variables that its AcceptEnv names. ` +
    `With a shell on the host the command can begin with 'VAR=value' instead`
  );
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8");
}
