import { execFileSync } from "node:child_process";
import { appendFileSync, constants, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import type { EngineEvent } from "./events";

/**
 * A pipe through which the engine tells its events, each as a line of JSON. What follows and tests need of them goes on
 * into a file: whole events hold every input and output in clear, secrets too, and would lie on the disk.
 */
export class EventPipe {
  /** Path for `--event-log`. */
  readonly path: string;
  private readonly fd: number;
  private readonly socket: Socket;
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private readonly file: string) {
    this.path = `${file}.pipe`;
    writeFileSync(file, "", { mode: 0o600 });
    rmSync(this.path, { force: true });
    execFileSync("mkfifo", ["-m", "0600", this.path]);
    // Open for writing too: else it would be at its end before the engine opens it.
    this.fd = openSync(this.path, constants.O_RDWR | constants.O_NONBLOCK);
    this.socket = new Socket({ fd: this.fd, readable: true, writable: false });
    this.socket.on("data", (data: Buffer) => this.take(data));
    this.socket.unref();
  }

  /** Takes what is still in the pipe, and ends it; for after the engine's end. */
  close(): void {
    this.socket.pause();
    const chunk = Buffer.alloc(1 << 16);
    try {
      for (let size; (size = readSync(this.fd, chunk)) > 0;) this.take(chunk.subarray(0, size));
    } catch (error) {
      // There is no more.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    } finally {
      this.socket.destroy();
      rmSync(this.path, { force: true });
    }
  }

  private take(data: Buffer): void {
    const lines = (this.rest + this.decoder.write(data)).split("\n");
    this.rest = lines.pop() ?? "";
    const kept = lines
      .filter((line) => line.trim())
      .map((line) => withoutValues(JSON.parse(line) as EngineEvent));
    if (kept.length > 0)
      appendFileSync(this.file, kept.map((event) => `${JSON.stringify(event)}\n`).join(""));
  }
}

/** Messages that are meant for people; those for debugging hold values of secrets in clear. */
const FOR_PEOPLE = ["error", "warning", "info#err"];

/** An event without inputs and outputs, but for what a step on a host said. */
function withoutValues(event: EngineEvent): EngineEvent {
  const step = (it: EngineEvent["resOutputsEvent"]): EngineEvent["resOutputsEvent"] => {
    if (!it) return undefined;
    const { op, urn, type, new: made } = it.metadata;
    const stdout = made?.outputs?.["stdout"];
    return {
      metadata: { op, urn, type, ...(typeof stdout === "string" && { new: { outputs: { stdout } } }) },
    };
  };
  const { timestamp, diagnosticEvent: said, summaryEvent: sum } = event;
  return {
    timestamp,
    resourcePreEvent: step(event.resourcePreEvent),
    resOutputsEvent: step(event.resOutputsEvent),
    resOpFailedEvent: step(event.resOpFailedEvent),
    diagnosticEvent:
      said && FOR_PEOPLE.includes(said.severity)
        ? { urn: said.urn, message: said.message, severity: said.severity }
        : undefined,
    summaryEvent: sum && { resourceChanges: sum.resourceChanges, durationSeconds: sum.durationSeconds },
  };
}
