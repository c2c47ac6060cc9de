import type { ChildProcess } from "node:child_process";

/** One Ctrl-C arrives several times, from the terminal, from npm and from tsx: within this time it counts once. */
const ONE_PRESS_MS = 1000;

/** What ends a command from outside: Ctrl-C, `kill`, a closed terminal. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Hands each Ctrl-C on to a child in a process group of its own, where no terminal reaches it, as one SIGINT:
 * two at once would tell pulumi to end without order. Gives the function that stops this.
 */
export function relayInterrupts(child: ChildProcess, onPress: (count: number) => void): () => void {
  let last = 0;
  let count = 0;
  const relay = () => {
    if (Date.now() - last < ONE_PRESS_MS) return;
    last = Date.now();
    child.kill("SIGINT");
    onPress((count += 1));
  };
  for (const signal of SIGNALS) process.on(signal, relay);
  return () => {
    for (const signal of SIGNALS) process.off(signal, relay);
  };
}
