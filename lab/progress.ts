/** Prints what goes on to standard error, each line with the seconds since the start; never silent for long. */
export class Progress {
  private readonly start = Date.now();
  private readonly running = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private last = Date.now();

  /** @param quietSeconds after so many seconds without a line, what still runs is said; 15 by default, well below a minute. */
  constructor(quietSeconds = 15) {
    this.timer = setInterval(() => {
      if (Date.now() - this.last < quietSeconds * 1000 || this.running.size === 0) return;
      const names = [...this.running].map(([name, since]) => `${name} (${seconds(since)} s)`);
      const shown = names.slice(0, 4).join(", ");
      this.say(`… still: ${shown}${names.length > 4 ? ` and ${names.length - 4} more` : ""}`);
    }, 1000);
    this.timer.unref();
  }

  /** Prints one line. */
  say(line: string): void {
    this.last = Date.now();
    process.stderr.write(`${seconds(this.start).padStart(6)}  ${line}\n`);
  }

  /** Notes that something began, for the heartbeat. */
  begin(name: string): void {
    this.running.set(name, Date.now());
  }

  /** Notes its end and gives the seconds it took. */
  end(name: string): number {
    const since = this.running.get(name) ?? Date.now();
    this.running.delete(name);
    return (Date.now() - since) / 1000;
  }

  /** Runs one stage and prints its time. */
  async stage<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.begin(name);
    const from = Date.now();
    try {
      const result = await work();
      this.say(`✓ ${name} (${seconds(from)} s)`);
      return result;
    } finally {
      this.end(name);
    }
  }

  /** Ends the heartbeat. */
  stop(): void {
    clearInterval(this.timer);
  }
}

function seconds(since: number): string {
  return ((Date.now() - since) / 1000).toFixed(1);
}
