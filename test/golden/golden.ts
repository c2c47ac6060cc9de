import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(__dirname, "data");

/**
 * Compares a text with its recorded one, `data/NAME.golden`, and shows the changed lines if they differ.
 *
 * It is recorded only when the environment says UPDATE_GOLDEN=1, so that a change is always somebody's decision.
 */
export function assertGolden(name: string, text: string): void {
  const path = join(FOLDER, `${name}.golden`);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, text);
    return;
  }
  const recorded = read(path);
  if (recorded === text) return;
  const what = recorded === undefined ? "was never recorded" : `differs:\n${lineDiff(recorded, text)}`;
  throw new Error(`${name}.golden ${what}\nIf that is meant: UPDATE_GOLDEN=1 npm test, and read the diff.`);
}

/** The same under the name of the test itself: "rendered kubelet.service" is in rendered-kubelet.service.golden. */
export function assertGoldenOf(context: Mocha.Context, text: string): void {
  const title = context.test?.fullTitle() ?? "";
  assertGolden(title.toLowerCase().replaceAll(/[^a-z0-9.]+/g, "-"), text);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Lines that went (-) and came (+), each run of them under its place in the recorded text, with a line around. */
export function lineDiff(before: string, after: string): string {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const kept = commonLines(a, b);
  const out: string[] = [];
  let [i, j] = [0, 0];
  for (const [nextA, nextB] of [...kept, [a.length, b.length] as const]) {
    if (nextA > i || nextB > j) {
      out.push(`@@ line ${i + 1} @@`);
      if (i > 0) out.push(` ${a[i - 1]}`);
      out.push(
        ...a.slice(i, nextA).map((line) => `-${line}`),
        ...b.slice(j, nextB).map((line) => `+${line}`),
      );
      if (nextA < a.length) out.push(` ${a[nextA]}`);
    }
    [i, j] = [nextA + 1, nextB + 1];
  }
  return out.join("\n");
}

/** Positions, in both texts, of a longest common subsequence of lines. */
function commonLines(a: readonly string[], b: readonly string[]): [number, number][] {
  const length = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i]![j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}
