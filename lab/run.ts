import { spawn, type SpawnOptions } from "node:child_process";
import { createInterface } from "node:readline";

/** A command ended otherwise than by exit code 0; says the beginning of its first line and the end of what it printed. */
export class CommandError extends Error {
  constructor(
    words: readonly string[],
    readonly code: number,
    readonly output: string,
    seconds: number,
  ) {
    const [line = ""] = words.join(" ").split("\n");
    const end = output.trim().split("\n").slice(-15).join("\n");
    super(`${line.slice(0, 300)} ended with exit code ${code} after ${seconds.toFixed(1)} s:\n${end}`);
  }
}

/** Runs a command; gives its standard output without the last newline. Lines on standard error go to `onLine`. */
export function run(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, "cwd" | "env"> & { onLine?: (line: string) => void; input?: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    createInterface({ input: child.stderr }).on("line", (line) => {
      stderr += `${line}\n`;
      options.onLine?.(line);
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve(stdout.trimEnd())
        : reject(
            new CommandError(
              [command, ...args],
              code ?? 1,
              stdout + stderr,
              (performance.now() - began) / 1000,
            ),
          ),
    );
  });
}

/**
 * Runs a command in this terminal and gives its exit code. It stays in the terminal's process group, so that it can
 * read from it; a Ctrl-C reaches it from there, and is not handed on a second time.
 */
export function passThrough(command: string, args: readonly string[], env = process.env): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: "inherit" });
    const relay = (signal: NodeJS.Signals) => child.kill(signal);
    process.on("SIGINT", () => undefined);
    process.on("SIGTERM", relay);
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)));
  });
}
