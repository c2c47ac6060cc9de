import { mkdir, rename, writeFile } from "node:fs/promises";
import { existsSync, openSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Lab } from "./lab";
import { checkpointFile } from "./checkpoint";
import { EventPipe } from "./eventPipe";
import { run } from "./run";

/** Name of the lab's one stack. */
export const STACK = "lab";

/** The engine of the lab: its own home, state, passphrase and config, and only the lab's network. */
export class Engine {
  constructor(
    private readonly lab: Lab,
    /** Folder with the CLI and its Node language host. */
    private readonly bin: string,
  ) {}

  /** Environment in which the engine knows this lab and nothing else. */
  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PATH: `${this.bin}:${process.env.PATH ?? ""}`,
      PULUMI_HOME: join(this.lab.dir, "pulumi"),
      PULUMI_BACKEND_URL: `file://${join(this.lab.dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(this.lab.dir, "passphrase"),
      // The Kubernetes provider leaves its kubeconfig in a file; with the lab's folder it goes.
      TMPDIR: join(this.lab.dir, "tmp"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // The whole state is written with every step; packed it is less than half as big.
      PULUMI_DIY_BACKEND_GZIP: "true",
      // Everything is installed beforehand: inside the namespace there is no way out.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  }

  /** File of the stack's config. */
  get configFile(): string {
    return join(this.lab.dir, `Pulumi.${STACK}.yaml`);
  }

  /** Makes what the engine keeps between runs, each only once. */
  async prepare(): Promise<void> {
    await mkdir(join(this.lab.dir, "state"), { recursive: true, mode: 0o700 });
    await mkdir(join(this.lab.dir, "pulumi"), { recursive: true });
    await mkdir(join(this.lab.dir, "tmp"), { recursive: true, mode: 0o700 });
    const passphrase = join(this.lab.dir, "passphrase");
    if (!existsSync(passphrase))
      await writeFile(passphrase, randomBytes(24).toString("base64url"), { mode: 0o600 });
    if (!existsSync(checkpointFile(this.lab))) {
      await this.pulumi(["stack", "init", STACK]);
      // `stack init` knows no --config-file and leaves its salt beside Pulumi.yaml.
      await rename(join(this.lab.root, `Pulumi.${STACK}.yaml`), this.configFile);
    }
  }

  /** The command line that runs a pulumi command on the lab's stack. */
  command(args: readonly string[]): [string, string[]] {
    const needsStack = !["version", "plugin", "login", "logout", "whoami", "about", "help"].includes(
      args[0] ?? "",
    );
    const stack =
      needsStack && !args.includes("--stack") && !args.includes("-s") && args[1] !== "init"
        ? ["--stack", STACK]
        : [];
    const config = ["up", "preview", "destroy", "refresh", "config", "watch"].includes(args[0] ?? "")
      ? ["--config-file", this.configFile]
      : [];
    const cut = args.indexOf("--");
    const [before, after] = cut < 0 ? [args, []] : [args.slice(0, cut), args.slice(cut)];
    return [
      "nsenter",
      [
        `--net=/run/netns/${this.lab.netns}`,
        join(this.bin, "pulumi"),
        "-C",
        this.lab.root,
        ...before,
        ...stack,
        ...config,
        ...after,
      ],
    ];
  }

  /** Runs a pulumi command and gives its standard output. */
  pulumi(args: readonly string[], options: { input?: string } = {}): Promise<string> {
    const [command, words] = this.command([...args, "--non-interactive"]);
    return run(command, words, { cwd: this.lab.root, env: this.env, ...options });
  }

  /**
   * Starts a long operation with its output in a log file and its events, without values, in another; gives the process.
   * It is in a process group of its own: a Ctrl-C in the terminal is whoever's who started it to hand on.
   */
  start(args: readonly string[], log: string, events: string) {
    const pipe = new EventPipe(events);
    const [command, words] = this.command([...args, "--non-interactive", "--event-log", pipe.path]);
    const out = openSync(log, "w", 0o600);
    // The CLI hides --event-log unless this is set.
    const env = { ...this.env, PULUMI_DEBUG_COMMANDS: "true" };
    const child = spawn(command, words, {
      cwd: this.lab.root,
      env,
      stdio: ["ignore", out, out],
      detached: true,
    });
    return child.on("close", () => pipe.close());
  }
}
