import type { TracedStep } from "./events";

/** Where the time went: the operations that took a second or more, in the order they began, drawn as bars. */
export function traceTable(steps: readonly TracedStep[], width = 36): string {
  const shown = steps.filter((step) => step.to - step.from >= 1000).sort((a, b) => a.from - b.from);
  const end = Math.max(1, ...shown.map((step) => step.to));
  const lines = shown.map((step) => {
    const at = Math.floor((step.from / end) * width);
    const length = Math.max(1, Math.round(((step.to - step.from) / end) * width));
    const bar = `${" ".repeat(at)}${"█".repeat(Math.min(length, width - at))}`.padEnd(width);
    return `  ${step.name.padEnd(28).slice(0, 28)} ${((step.to - step.from) / 1000).toFixed(1).padStart(6)} s |${bar}|`;
  });
  return lines.length === 0
    ? ""
    : `\nWhere the time went (${(end / 1000).toFixed(1)} s of operations):\n${lines.join("\n")}\n`;
}
