import type { Problem } from "./types";

/** What is wrong with one value, before it is known where the value stands. */
export interface Finding {
  /** What is wrong, as the end of a sentence that begins with the value. */
  readonly message: string;
  /** What to do. */
  readonly cure: string;
  /** The value may be a secret in the wrong place, and is not printed. */
  readonly hidden?: boolean;
}

/** Longest value that is printed in full; longer ones lose their middle. */
const LONGEST_VALUE = 60;

/** The config of a stack can't be used; `problems` says everything that is wrong, not only the first thing. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(
    readonly problems: readonly Problem[],
    readonly warnings: readonly Problem[] = [],
  ) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`ha-kubernetes:cluster has ${count}:\n${formatProblems(problems)}`);
  }
}

/** Problems as text, two lines each: where, what was seen and what is wrong; then the cure. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map((p) => `- ${p.path}: ${p.value} ${p.message}\n  cure: ${p.cure}`).join("\n");
}

/** A value for a person: JSON, shortened, and never a private key or the password of an address. */
export function showValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string" && value.includes("PRIVATE KEY")) return "(a private key, not printed)";
  if (Array.isArray(value)) return value.length === 1 ? "a list of 1" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "a group of keys";
  const text = JSON.stringify(value).replace(/:\/\/[^/@"]*@/, "://(hidden)@");
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 16)}...${text.slice(-12)}`;
}
