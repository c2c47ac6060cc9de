import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { EventPipe } from "../../../lab/eventPipe";
import { testFolder } from "../support/folder";

describe("pipe of the engine's events", () => {
  const folder = testFolder();
  const urn = "urn:pulumi:lab::ha-kubernetes::command:remote:Command::lab-etcd-e1-install";

  /** What is kept of the events that a process writes into the pipe, the engine's way: all at once, then its end. */
  async function kept(events: object[]): Promise<string> {
    const file = join(folder(), "events.jsonl");
    const pipe = new EventPipe(file);
    assert.equal(statSync(pipe.path).mode & 0o777, 0o600);
    const engine = spawn("bash", ["-c", 'cat >"$0"', pipe.path], { stdio: ["pipe", "inherit", "inherit"] });
    engine.stdin.end(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    await once(engine, "close");
    pipe.close();
    assert(!existsSync(pipe.path));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    return readFileSync(file, "utf8");
  }

  it("keeps what is followed, and no value that may be a secret", async () => {
    const metadata = {
      op: "create",
      urn,
      type: "command:remote:Command",
      new: {
        inputs: { stdin: { plaintext: "CANARY" } },
        outputs: { stdin: { plaintext: "CANARY" }, stdout: "preflight=0.1" },
      },
    };
    const text = await kept([
      { timestamp: 1, sequence: 0, resourcePreEvent: { metadata } },
      { timestamp: 2, sequence: 1, resOutputsEvent: { metadata } },
      {
        timestamp: 3,
        diagnosticEvent: { urn, message: "broken – sorry", severity: "error", prefix: "CANARY" },
      },
      { timestamp: 4, diagnosticEvent: { urn, message: "result: CANARY", severity: "debug" } },
      { timestamp: 4, preludeEvent: { config: { key: "CANARY" } } },
      { timestamp: 5, summaryEvent: { resourceChanges: { same: 3 }, durationSeconds: 7, policyPacks: {} } },
    ]);
    assert(!text.includes("CANARY"), text);
    const said = {
      op: "create",
      urn,
      type: "command:remote:Command",
      new: { outputs: { stdout: "preflight=0.1" } },
    };
    assert.deepEqual(
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
      [
        { timestamp: 1, resourcePreEvent: { metadata: said } },
        { timestamp: 2, resOutputsEvent: { metadata: said } },
        { timestamp: 3, diagnosticEvent: { urn, message: "broken – sorry", severity: "error" } },
        { timestamp: 4 },
        { timestamp: 4 },
        { timestamp: 5, summaryEvent: { resourceChanges: { same: 3 }, durationSeconds: 7 } },
      ],
    );
  });

  it("loses none of many large events", async () => {
    const padding = "–".repeat(50_000);
    const events = Array.from({ length: 60 }, (_, i) => ({
      timestamp: i,
      resOutputsEvent: { metadata: { op: "same", urn, type: "x", new: { outputs: { padding } } } },
    }));
    const times = (await kept(events))
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { timestamp: number }).timestamp);
    assert.deepEqual(
      times,
      events.map(({ timestamp }) => timestamp),
    );
  });
});
