/**
 * Environment variables that must be accepted before the command starts.
 *
 * ssh2 sends them without asking for an answer; the official plugin asks, and doesn't run the command after a "no".
 * ssh2 has no public way to ask, so this holds its exec message back and asks on the same channel.
 */
import type { Client } from "ssh2";

/** A variable, and what to do when the server refuses it: a returned error stops the command. */
export interface Variable {
  name: string;
  value: string;
  refused: () => Error | undefined;
}

interface Channel {
  outgoing: { id: number };
  _callbacks: ((failed: boolean | Error) => void)[];
}

interface Innards {
  _protocol: {
    exec(channel: number, command: string, wantReply: boolean): void;
    env(channel: number, name: string, value: string, wantReply: boolean): void;
  };
  _chanMgr: { _channels: Record<string, Channel | undefined> };
}

/** Makes the client's next exec ask for the variables first; `stop` is called instead of running the command. */
export function askForEnvironment(
  client: Client,
  variables: readonly Variable[],
  stop: (error: Error) => void,
): void {
  if (variables.length === 0) return;
  const { _protocol: protocol, _chanMgr: channels } = client as unknown as Innards;
  const exec = protocol.exec.bind(protocol);
  protocol.exec = (id, command, wantReply) => {
    const channel = Object.values(channels._channels).find((found) => found?.outgoing.id === id);
    if (channel === undefined) return stop(new Error("ssh: channel closed before the environment was set"));
    const ask = (index: number): void => {
      const variable = variables[index];
      if (variable === undefined) return exec(id, command, wantReply);
      // In front of the exec's own callback, which waits already.
      channel._callbacks.unshift((failed) => {
        const error = failed === false ? undefined : variable.refused();
        if (error === undefined) ask(index + 1);
        else stop(error);
      });
      protocol.env(id, variable.name, variable.value, true);
    };
    ask(0);
  };
}
