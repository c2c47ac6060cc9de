import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { lab } from "./support";

interface Event {
  timestamp: number;
  resourcePreEvent?: { metadata: { urn: string } };
  diagnosticEvent?: { urn?: string; message: string; severity: string };
}

/** When the last `up` said an error like this: the times at which its step began and at which it was said, in seconds. */
export async function errorTimes(pattern: RegExp): Promise<{ begun: number; said: number }> {
  const lines = (await readFile(join(lab.dir, "up-events.jsonl"), "utf8")).trim().split("\n");
  const events = lines.map((line) => JSON.parse(line) as Event);
  const error = events.find(
    ({ diagnosticEvent: it }) =>
      it?.severity === "error" && pattern.test(it.message.replace(/<\{%[^%]*%\}>/g, "")),
  );
  const begun = events.find(
    ({ resourcePreEvent: it }) => it !== undefined && it.metadata.urn === error?.diagnosticEvent?.urn,
  );
  assert(error && begun, `no error like ${String(pattern)}`);
  return { begun: begun.timestamp, said: error.timestamp };
}
