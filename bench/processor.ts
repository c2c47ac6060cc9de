import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Lab } from "../lab/lab";
import type { Work } from "./figures";

/** cgroup v1, which the lab needs anyway; it counts the processors' time of all that began in a group. */
const GROUPS = "/sys/fs/cgroup/cpuacct";

/** Seconds of processor time since the machine began, by who used it. */
type Used = Record<"hosts" | "machine" | "all", number>;

/** Counts who uses the processors: this benchmark with all it starts, the lab's hosts, and everybody else. */
export class Processor {
  private readonly group: string;

  constructor(private readonly lab: Lab) {
    // Not below the lab's own group, all of which ends with the lab.
    this.group = join(GROUPS, `hk-bench-${lab.id}`);
    mkdirSync(this.group, { recursive: true });
    writeFileSync(join(this.group, "cgroup.procs"), String(process.pid));
  }

  /** Begins to count; the function that it gives says what was used since. */
  count(): () => Work {
    const before = this.used();
    const from = Date.now();
    return () => {
      const now = this.used();
      const since = (who: keyof Used) => now[who] - before[who];
      const others = since("all") - since("hosts") - since("machine");
      const seconds = (Date.now() - from) / 1000;
      return {
        hosts: since("hosts"),
        machine: since("machine"),
        free: Math.max(0, cpus().length - others / seconds),
      };
    };
  }

  /** Leaves nothing behind; what still runs in the group keeps it until it ends. */
  stop(): void {
    writeFileSync(join(GROUPS, "cgroup.procs"), String(process.pid));
    try {
      rmdirSync(this.group);
    } catch {
      process.stderr.write(`bench: ${this.group} stays until its last process ends\n`);
    }
  }

  private used(): Used {
    const nanoseconds = (group: string) => Number(readFileSync(join(group, "cpuacct.usage"), "utf8")) / 1e9;
    const [, ...ticks] = readFileSync("/proc/stat", "utf8").split("\n")[0]?.split(/\s+/) ?? [];
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = ticks.map(Number);
    return {
      hosts: nanoseconds(join(GROUPS, "lab", this.lab.id)),
      machine: nanoseconds(this.group),
      // Ticks of a hundredth of a second, on every Linux that we know.
      all: (user + nice + system + irq + softirq) / 100,
    };
  }
}
