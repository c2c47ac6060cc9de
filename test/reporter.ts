import { reporters, type Runner } from "mocha";

/** Says what failed and what was skipped, and closes with the line that test/run.sh sums up. */
export = class Reporter extends reporters.Base {
  constructor(runner: Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on("pending", (test) => {
      say(`skipped: ${test.fullTitle()}`);
    });
    runner.once("end", () => {
      if (this.failures.length > 0) reporters.Base.list(this.failures);
      const { passes, failures, pending } = this.stats;
      say(`${passes} passed, ${failures} failed, ${pending} skipped`);
    });
  }
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
