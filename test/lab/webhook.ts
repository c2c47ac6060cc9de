import { spawn, type ChildProcess } from "node:child_process";
import { BUNDLE_SERVER } from "../../lab/lab";
import { lab } from "./support";

/** One alert, as Alertmanager's webhook format tells it. */
export interface Alert {
  readonly status: "firing" | "resolved";
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const PORT = 8001;

/** A server in the lab's network that prints each message that it gets as a line. */
const SERVER = `
  require("node:http").createServer((request, response) => {
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => { process.stdout.write(body.trim().replaceAll("\\n", " ") + "\\n"); response.end(); });
  }).listen(${PORT}, "${BUNDLE_SERVER.address}", () => process.stdout.write("[]\\n"));
`;

/** Somebody who is told of alerts, on the machine's side of the lab's network. */
export class Webhook {
  static readonly url = `http://${BUNDLE_SERVER.address}:${PORT}/`;
  /** Messages so far, each with its alerts. */
  readonly messages: Alert[][] = [];
  private readonly child: ChildProcess;
  private rest = "";

  constructor() {
    const command = [`--net=/run/netns/${lab.netns}`, process.execPath, "-e", SERVER];
    this.child = spawn("nsenter", command, { stdio: ["ignore", "pipe", "inherit"] });
    this.child.stdout?.on("data", (data: Buffer) => this.read(data.toString()));
  }

  /** Every alert so far. */
  get alerts(): Alert[] {
    return this.messages.flat();
  }

  stop(): void {
    this.child.kill();
  }

  private read(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      const message = JSON.parse(line) as { alerts?: Alert[] };
      if (message.alerts) this.messages.push(message.alerts);
    }
  }
}
