import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { renderScript } from "../../../components/host/script";
import { testFolder } from "../support/folder";
import { pend } from "../support/programs";

const COMPONENTS = join(__dirname, "..", "..", "..", "components");
const COMMON = ["lib.sh", "preflight.sh", "artifacts.sh", "packages.sh", "wipe.sh"].map(
  (file) => `host/scripts/${file}`,
);

/** What a run of a script said. */
export interface Said {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** What a script is made of beside what every role has. */
export interface Parts {
  /** Body of the phase `test`. */
  phase: string;
  /** Further shell files below components/. */
  shell?: readonly string[];
  files?: Record<string, string>;
  variables?: Record<string, string>;
}

/** Folders of this machine in whose place a test host has its own, empty ones. */
const FOLDERS = ["/var", "/run", "/etc/systemd"];

/**
 * A host whose scripts run for real on this machine, but with folders of their own: a private mount namespace,
 * which needs root. Programs are the machine's, but for those that a test puts in their place.
 */
export class TestHost {
  private readonly files: Record<string, string> = {};

  private constructor(private readonly folder: string) {
    mkdirSync(this.at("bin"));
    for (const path of [...FOLDERS, "/var/lib", "/var/log", "/var/cache", "/run/lock", "/run/systemd/system"])
      mkdirSync(this.at(path), { recursive: true });
  }

  /** Hands a new host to each test of the suite that calls this; the suite is pending where none can be made. */
  static each(use: (made: TestHost) => unknown): void {
    const folder = testFolder();
    before(function () {
      if (spawnSync("unshare", ["--mount", "true"]).status !== 0)
        pend(this, "needs root, for a mount namespace of its own");
    });
    beforeEach(() => use(new TestHost(folder())));
  }

  /** Where a file of the host lies on this machine. */
  at(path: string): string {
    return join(this.folder, path);
  }

  read(path: string): string {
    return readFileSync(this.at(path), "utf8");
  }

  /** Puts a file there; one outside of the host's own folders takes the place of the machine's. */
  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), text, { mode });
    if (!FOLDERS.some((folder) => path.startsWith(`${folder}/`))) this.files[path] = this.at(path);
  }

  /** Puts a program in the place of the machine's; it notes its calls in /var/NAME.calls. */
  fake(name: string, body = ""): void {
    const text = `#!/bin/bash\necho "$*" >>/var/${name}.calls\n${body}\n`;
    writeFileSync(this.at(`bin/${name}`), text, { mode: 0o755 });
  }

  /** Calls of a program that was put in place of another. */
  calls(name: string): string[] {
    try {
      return this.read(`/var/${name}.calls`).trimEnd().split("\n");
    } catch {
      return [];
    }
  }

  /** Runs a script's phase `test`. */
  run(parts: Parts, args: readonly string[] = [], stdin = ""): Promise<Said> {
    return this.runScript(render(parts), args, stdin);
  }

  /** Runs a whole script with the phase `test`. */
  runScript(script: string, args: readonly string[], stdin = ""): Promise<Said> {
    const file = this.at(`script-${Math.random().toString(36).slice(2)}.sh`);
    writeFileSync(file, script);
    return this.inside(["bash", file, "test", "host=h1", "address=192.0.2.1", ...args], stdin);
  }

  /** Runs a command with the host's folders. */
  inside(command: readonly string[], stdin = ""): Promise<Said> {
    const mounts = [
      ...FOLDERS.map((path) => `mount --bind ${this.at(path)} ${path}`),
      ...Object.entries(this.files).map(([path, file]) => `mount --bind ${file} ${path}`),
    ];
    const enter = `${mounts.join(" && ")} && exec "$@"`;
    return said(
      // With a socket as standard input and no SHLVL, bash takes itself for run by sshd and reads .bashrc.
      spawn("unshare", ["--mount", "--propagation", "private", "bash", "-c", enter, "enter", ...command], {
        env: {
          PATH: `${this.at("bin")}:${process.env["PATH"] ?? ""}`,
          LC_ALL: "C",
          HOME: "/root",
          SHLVL: "2",
        },
      }),
      stdin,
    );
  }
}

/** The script that runs a phase `test` with all that every role has. */
export function render({ phase, shell = [], files = {}, variables = {} }: Parts): string {
  const read = (file: string) => readFileSync(join(COMPONENTS, file), "utf8");
  return renderScript({
    role: "test",
    variables: { MACHINE: "x86_64", ARTIFACT_BASE: "", MANIFEST_SHA256: "", ...variables },
    files,
    shell: [...[...COMMON, ...shell].map(read), `phase_test() {\n${phase}\n}\n`],
  });
}

function said(child: ReturnType<typeof spawn>, stdin: string): Promise<Said> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (data) => (stdout += String(data)));
  child.stderr?.on("data", (data) => (stderr += String(data)));
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(stdin);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}
