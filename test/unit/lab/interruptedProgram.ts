/** Run in a terminal by interrupt.spec.ts: a child that counts the SIGINTs it gets, as the lab starts its children. */
import { spawn } from "node:child_process";
import { relayInterrupts } from "../../../lab/interrupt";
import { passThrough } from "../../../lab/run";

const COUNTING = `
  let count = 0;
  process.on("SIGINT", () => count++);
  console.log("ready");
  setTimeout(() => console.log("got " + count), 2500);`;

if (process.argv[2] === "own group") {
  const child = spawn("node", ["-e", COUNTING], { stdio: "inherit", detached: true });
  relayInterrupts(child, () => undefined);
} else {
  void passThrough("node", ["-e", COUNTING]);
}
