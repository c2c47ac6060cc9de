import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Engine } from "../../lab/engine";
import { run } from "../../lab/run";
import { lab, sleep } from "./support";

/** An ssh agent that holds the lab's key; only an engine that is given its socket knows of it. */
export class Agent {
  readonly socket = join(lab.dir, "agent.sock");
  private child?: ReturnType<typeof spawn>;

  async start(): Promise<void> {
    await rm(this.socket, { force: true });
    this.child = spawn("ssh-agent", ["-D", "-a", this.socket], { stdio: "ignore" });
    while (!existsSync(this.socket)) await sleep(50);
    await run("ssh-add", ["-q", join(lab.dir, "ssh", "id_ed25519")], {
      env: { ...process.env, SSH_AUTH_SOCK: this.socket },
    });
  }

  async stop(): Promise<void> {
    if (!this.child || this.child.exitCode !== null) return;
    this.child.kill();
    await once(this.child, "close");
  }
}

/** The lab's engine with an agent in its environment. */
export class EngineWithAgent extends Engine {
  constructor(
    bin: string,
    private readonly agent: Agent,
  ) {
    super(lab, bin);
  }

  override get env(): NodeJS.ProcessEnv {
    return { ...super.env, SSH_AUTH_SOCK: this.agent.socket };
  }
}
