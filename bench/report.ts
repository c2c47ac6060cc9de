import type { TracedStep } from "../lab/events";
import { traceTable } from "../lab/trace";
import { busy, medianRun, rows, type HandRun, type Row, type Step, type UpRun } from "./figures";

/** What was measured, and on what. */
export interface Result {
  /** Day of the run, as in a file's name. */
  day: string;
  commit: string;
  machine: string;
  ups: readonly UpRun[];
  hands: readonly HandRun[];
  /** Runs of `up` with all services. */
  services: readonly UpRun[];
}

/** The whole result as Markdown: the table, the traces of the median runs, the longest chain. */
export function report({ day, commit, machine, ups, hands, services }: Result): string {
  const parts = [
    `# Benchmark of ${day}\n`,
    `Commit ${commit}; ${machine}; runs: ${ups.length} of \`up\` without services, ${hands.length} by hand, ${services.length} with all services, in turn.\n`,
    table(rows(ups, hands, services)),
  ];
  if (ups.length > 0) {
    const run = medianRun(ups, ({ total }) => total);
    parts.push(`## \`up\`, the median run\n`, block(trace(run.steps)), chainText(run));
  }
  if (services.length > 0) {
    const run = medianRun(services, ({ total }) => total);
    parts.push("## `up` with all services, the median run\n", block(trace(run.steps)), chainText(run));
  }
  if (hands.length > 0) {
    const run = medianRun(hands, ({ total }) => total);
    parts.push("## By hand, the median run\n", block(trace(run.steps)));
  }
  const changes = [...ups, ...services].reduce((sum, run) => sum + run.changes, 0);
  if (changes > 0)
    parts.push(`**A second \`up\` or a preview was to change nothing and had ${changes} changes.**\n`);
  return parts.join("\n");
}

/** A Markdown table of rows; a missed goal is said. */
export function table(all: readonly Row[]): string {
  const lines = all.map(({ title, median, min, max, goal, unit }) => {
    const text = (value: number) => `${value.toFixed(unit === "x" ? 2 : 1)} ${unit}`.trim();
    const verdict = goal === undefined ? "" : `${median <= goal ? "met" : "missed"}: at most ${goal} ${unit}`;
    return `| ${[title, text(median), text(min), text(max), verdict].join(" | ")} |`;
  });
  return ["| what | median | least | most | goal |", "| --- | --- | --- | --- | --- |", ...lines, ""].join(
    "\n",
  );
}

function trace(steps: readonly Step[]): string {
  return traceTable(steps.map((step): TracedStep => ({ type: "", op: "", ...step })));
}

function block(text: string): string {
  return `\`\`\`text\n${text.trim()}\n\`\`\`\n`;
}

function chainText({ chain, startup }: UpRun): string {
  let last = startup * 1000;
  const lines = chain.map(({ name, from, to, parts = "" }) => {
    const gap = (from - last) / 1000;
    last = to;
    const begun = gap < 0.5 ? "" : ` (begun ${gap.toFixed(1)} s after the one before)`;
    const took = ((to - from) / 1000).toFixed(1).padStart(6);
    return `${took} s  ${name}${begun}  ${parts.trim().split("\n").at(-1) ?? ""}`.trimEnd();
  });
  return `The chain that decided the end, ${busy(chain).toFixed(1)} s of steps:\n\n${block(lines.join("\n"))}`;
}
