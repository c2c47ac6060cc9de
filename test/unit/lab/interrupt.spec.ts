import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..", "..");
const CTRL_C = "\x03";

/** Presses Ctrl-C so often in a terminal of its own, and gives how many SIGINTs the lab's child got. */
async function interruptsSeen(how: "own group" | "terminal's group", presses: number): Promise<number> {
  const program = join(__dirname, "interruptedProgram.ts");
  const terminal = spawn("script", ["-qfec", `node_modules/.bin/tsx ${program} "${how}"`, "/dev/null"], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let seen = "";
  terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (!seen.includes("ready") && (seen + text).includes("ready"))
      for (let i = 0; i < presses; i++) setTimeout(() => terminal.stdin.write(CTRL_C), 300 + i * 1300);
    seen += text;
  });
  await new Promise((resolve) => terminal.on("close", resolve));
  const [, count] = /got (\d+)/.exec(seen) ?? [];
  assert(count, seen);
  return Number(count);
}

describe("a Ctrl-C in the terminal", () => {
  it("reaches the engine once, although npm and tsx send it on too", async () => {
    assert.equal(await interruptsSeen("own group", 1), 1);
  });

  it("reaches the engine a second time when it is pressed again", async () => {
    assert.equal(await interruptsSeen("own group", 2), 2);
  });

  it("reaches a command that was passed through once", async () => {
    assert.equal(await interruptsSeen("terminal's group", 1), 1);
  });
});
