/** How one check ended: a warning is worth reading and fails nothing. */
export type Verdict = "ok" | "warn" | "fail";

/** What one check saw. */
export interface Finding {
  readonly verdict: Verdict;
  /** Name of the check: "pod-network". */
  readonly check: string;
  /** What was seen, in one sentence. */
  readonly seen: string;
  /** The next command of an operator; empty when all is well. */
  readonly next: string;
}

const VERDICTS: readonly string[] = ["ok", "warn", "fail"] satisfies Verdict[];

/** Width of a table when nothing says otherwise: what fits a terminal and a pull request's comment. */
const COLUMNS = 100;

/** Reads the lines of checks.sh; any other line (the timings of a phase, say) is no finding and is left out. */
export function parseFindings(output: string): Finding[] {
  return output.split(/\r?\n/).flatMap((line) => {
    const [verdict, check, seen, next = ""] = line.split("\t");
    if (!isVerdict(verdict) || !check || seen === undefined) return [];
    return [{ verdict, check, seen, next }];
  });
}

/** The gravest verdict of all; without findings nothing was looked at, which is no "ok". */
export function verdictOf(findings: readonly Finding[]): Verdict {
  if (findings.length === 0 || findings.some((f) => f.verdict === "fail")) return "fail";
  return findings.some((f) => f.verdict === "warn") ? "warn" : "ok";
}

/**
 * The findings as a table for people: what was seen beside the check and the next command below it, broken only
 * between words.
 */
export function findingsTable(findings: readonly Finding[], columns = COLUMNS): string {
  const width = Math.max(0, ...findings.map((f) => f.check.length));
  const indent = " ".repeat("fail  ".length + width + 2);
  return findings
    .map(({ verdict, check, seen, next }) => {
      const head = `${verdict.toUpperCase().padEnd(4)}  ${check.padEnd(width)}  `;
      const lines = wrap(seen, columns - indent.length);
      const text = [head + (lines[0] ?? ""), ...lines.slice(1).map((line) => indent + line)];
      return [...text, ...(next ? wrap(`-> ${next}`, columns - indent.length).map((l) => indent + l) : [])];
    })
    .flat()
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** Breaks between words; a word that is longer than the line (an address, a path) stays whole on a line of its own. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function isVerdict(word: string | undefined): word is Verdict {
  return word !== undefined && VERDICTS.includes(word);
}
