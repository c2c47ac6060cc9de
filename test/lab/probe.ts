import { spawn } from "node:child_process";
import { lab } from "./support";

/** A client that asks the API through the VIP every 50 ms, each time by a new connection. */
export class Probe {
  private readonly child;
  private output = "";

  constructor() {
    // Plain curl in a loop: its start counts in every answer, so gaps come out a little longer, never shorter.
    const loop = `while :; do
      if curl -sk --max-time 0.5 --connect-timeout 0.3 -o /dev/null -f https://192.168.10.100:6443/readyz; then echo "ok $EPOCHREALTIME"; else echo "no $EPOCHREALTIME"; fi
      sleep 0.05
    done`;
    this.child = spawn("nsenter", [`--net=/run/netns/${lab.netns}`, "timeout", "300", "bash", "-c", loop]);
    this.child.stdout.on("data", (data: Buffer) => (this.output += data.toString()));
  }

  /** Ends it; gives the longest time between two answers, in seconds, and how many requests failed. */
  stop(): { gap: number; failed: number; answers: number } {
    this.child.kill();
    const lines = this.output.trim().split("\n");
    const times = lines.filter((line) => line.startsWith("ok")).map((line) => Number(line.slice(3)));
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
    return {
      gap: Math.max(0, ...gaps),
      failed: lines.filter((line) => line.startsWith("no")).length,
      answers: times.length,
    };
  }
}
