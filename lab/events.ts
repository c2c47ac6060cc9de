import { existsSync, openSync, readSync } from "node:fs";
import type { Progress } from "./progress";

/** What we read of the engine's event log (one JSON object a line; apitype.EngineEvent). */
export interface EngineEvent {
  timestamp: number;
  resourcePreEvent?: { metadata: StepMetadata } | undefined;
  resOutputsEvent?: { metadata: StepMetadata } | undefined;
  resOpFailedEvent?: { metadata: StepMetadata } | undefined;
  diagnosticEvent?: { urn?: string | undefined; message: string; severity: string } | undefined;
  summaryEvent?: { resourceChanges: Record<string, number>; durationSeconds: number } | undefined;
}

interface StepMetadata {
  op: string;
  urn: string;
  type: string;
  new?: { outputs?: Record<string, unknown> };
}

/** One finished operation, for the trace. */
export interface TracedStep {
  name: string;
  type: string;
  op: string;
  /** Milliseconds since the first event. */
  from: number;
  to: number;
  /** "part=seconds ..." as the host's script reported. */
  parts?: string;
}

/** Follows the engine's event log: shows what matters and remembers the times. */
export class EventFollower {
  readonly steps: TracedStep[] = [];
  readonly errors: string[] = [];
  changes: Record<string, number> = {};
  private readonly open = new Map<string, { since: number; shown: boolean }>();
  private rest = "";
  private file = -1;
  private readonly zero = Date.now();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly path: string,
    private readonly progress: Progress,
  ) {
    this.timer = setInterval(() => this.read(), 100);
  }

  /** Reads what is left and stops. */
  stop(): void {
    clearInterval(this.timer);
    this.read();
  }

  private read(): void {
    if (this.file < 0) {
      if (!existsSync(this.path)) return;
      this.file = openSync(this.path, "r");
    }
    const chunk = Buffer.alloc(1 << 20);
    for (let size; (size = readSync(this.file, chunk)) > 0;) this.rest += chunk.toString("utf8", 0, size);
    const lines = this.rest.split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim()) this.take(JSON.parse(line) as EngineEvent);
  }

  private take(event: EngineEvent): void {
    if (event.resourcePreEvent) this.began(event.resourcePreEvent.metadata);
    if (event.resOutputsEvent) this.ended(event.resOutputsEvent.metadata, true);
    if (event.resOpFailedEvent) this.ended(event.resOpFailedEvent.metadata, false);
    if (event.diagnosticEvent) this.said(event.diagnosticEvent);
    if (event.summaryEvent) {
      // What was only read (the stack's own outputs) changes nothing.
      const { read: _, ...changes } = event.summaryEvent.resourceChanges;
      this.changes = changes;
    }
  }

  private began({ op, urn, type }: StepMetadata): void {
    if (op === "same") return;
    // Keys and certificates take milliseconds: only what touches a host or the API is worth a line.
    const shown = /^(command|kubernetes):/.test(type);
    this.open.set(urn, { since: Date.now(), shown });
    if (shown) this.progress.begin(nameOf(urn));
  }

  private ended({ op, urn, type, new: state }: StepMetadata, ok: boolean): void {
    const begun = this.open.get(urn);
    if (!begun) return;
    this.open.delete(urn);
    const name = nameOf(urn);
    const stdout = state?.outputs?.stdout;
    if (!begun.shown) return;
    this.steps.push({
      name,
      type,
      op,
      from: begun.since - this.zero,
      to: Date.now() - this.zero,
      ...(typeof stdout === "string" && { parts: stdout }),
    });
    const took = this.progress.end(name);
    if (took >= 2 || !ok) this.progress.say(`${ok ? "✓" : "✗"} ${op} ${name} (${took.toFixed(1)} s)`);
  }

  private said({ urn, message, severity }: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    const text = message.replace(/<\{%[^%]*%\}>/g, "").trim();
    if (severity === "error" && !/^update failed$/.test(text)) {
      this.errors.push(text);
      this.progress.say(`✗ ${urn ? `${nameOf(urn)}: ` : ""}${text}`);
    } else if (severity === "warning" || severity === "info#err") {
      this.progress.say(`${severity}: ${text}`);
    }
  }
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
