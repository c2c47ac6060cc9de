import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { running } from "./processes";

/** Inserts rows and remembers which of them were acknowledged. */
export class Writer {
  /** Numbers whose commit was answered. */
  readonly acknowledged: number[] = [];
  private readonly child: ChildProcess;

  constructor([program, ...args]: [program: string, ...args: string[]], from: number) {
    const child = spawn(program, [...args, "-N", "-B", "--unbuffered"], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.child = child;
    let next = from;
    const insert = () => child.stdin.write(`INSERT INTO app.numbers VALUES (${next}); SELECT ${next};\n`);
    child.stdin.on("error", () => undefined);
    createInterface(child.stdout).on("line", (line) => {
      this.acknowledged.push(Number(line));
      next++;
      insert();
    });
    insert();
  }

  /** Waits until so many rows are acknowledged. */
  async until(count: number): Promise<void> {
    for (const end = Date.now() + 20_000; this.acknowledged.length < count; await sleep(20)) {
      if (Date.now() > end) throw new Error(`only ${this.acknowledged.length} rows were acknowledged`);
    }
  }

  /** Ends the client. */
  async end(): Promise<void> {
    if (!running(this.child)) return;
    const exit = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exit;
  }
}
