import { strict as assert } from "node:assert";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { compactKey } from "../../components/host/privateKey";
import { lab, on, sleep, state } from "./support";

/** Words of each secret by which it is found wherever it leaks; the key as it is and as it is sent. */
export function canariesOf(secrets: Record<string, string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, text] of Object.entries(secrets))
    for (const form of new Set([text, compactKey(text)])) {
      const lines = form.trim().split("\n");
      // The first line of a PEM's body is much the same for all keys of a kind.
      found.set(lines.length > 3 ? (lines[2] ?? "") : (lines.at(-2) ?? lines[0] ?? ""), name);
    }
  return found;
}

/** Looks at the command line of every process of machine and hosts, again and again, until it is stopped. */
export class CommandLines {
  private readonly leaks = new Set<string>();
  private running = true;
  private looks = 0;
  private readonly done: Promise<void>;

  constructor(private readonly canaries: ReadonlyMap<string, string>) {
    this.done = this.watch();
  }

  async stop(): Promise<string[]> {
    this.running = false;
    await this.done;
    assert(this.looks > 20, `only ${this.looks} looks`);
    return [...this.leaks];
  }

  private async watch(): Promise<void> {
    while (this.running) {
      const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
      const lines = await Promise.all(
        pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
      );
      for (const line of lines) for (const name of leaksIn(line, this.canaries)) this.leaks.add(name);
      this.looks += 1;
      await sleep(1000);
    }
  }
}

/** Where a canary is found that must not be: state, logs here and on the hosts, files that others may read. */
export async function leaks(canaries: ReadonlyMap<string, string>, hosts: string[]): Promise<string[]> {
  const found: string[] = [];
  const look = (where: string, text: string) =>
    found.push(...leaksIn(text, canaries).map((name) => `${name} in ${where}`));
  look("the state", (await state()).text);
  for (const file of await ownFiles(lab.dir)) {
    const text = await readFile(file, "latin1").catch(() => "");
    const log = /\.(log|jsonl)$/.test(file);
    if (log || (await stat(file)).mode & 0o077) look(file, text);
  }
  for (const host of hosts) {
    look(`${host}'s logs`, await on(host, "cat /var/log/ha-kubernetes/*.log; journalctl --no-pager -o cat"));
    look(`${host}'s files that others may read`, await on(host, OPEN_FILES));
  }
  return found;
}

/** What anybody may read where the build writes; binaries and images apart. */
const OPEN_FILES =
  "find /etc /tmp /var/tmp /run /root /home /var/lib/ha-kubernetes -xdev -type f -perm /044 -size -300k -exec cat {} + 2>/dev/null | tr -d '\\0'; true";

/** Files of the lab on this machine, without the hosts' disks and the plugins. */
async function ownFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name));
  const folders = entries.filter(
    (entry) => entry.isDirectory() && !["hosts", "plugins"].includes(entry.name),
  );
  const below = await Promise.all(folders.map(({ name }) => ownFiles(join(folder, name))));
  return [...files, ...below.flat()];
}

function leaksIn(text: string, canaries: ReadonlyMap<string, string>): string[] {
  return [...canaries].filter(([word]) => text.includes(word)).map(([, name]) => name);
}
