import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RunError } from "@pulumi/pulumi";
import type { Chart } from "./charts";

/** One of upstream's charts on this machine. */
export interface ChartFile {
  /** Path of the .tgz, best relative to the project so that it is the same on every machine; default: charts/ and the name of upstream's file. */
  readonly path?: string;
  /** sha256 of the file in hex; default: its line in SHA256SUMS beside it, which `npm run charts` writes and a repository keeps. */
  readonly sha256?: string;
}

/** A chart file whose content is the pinned one. */
export interface VerifiedChart {
  readonly path: string;
  readonly sha256: string;
}

/** Why a chart can't be used: what was seen, the likely cause and the next command, printed without a stack. */
export class ChartError extends RunError {}

/** Finds a chart's file and compares it with its pin; throws {@link ChartError} otherwise. */
export function verifyChart(
  { title, file }: Pick<Chart, "title" | "file">,
  chart: ChartFile = {},
): VerifiedChart {
  const path = chart.path ?? join("charts", file);
  if (!existsSync(path)) {
    throw new ChartError(
      `${title}'s chart ${path} is not there. Likely cause: it was never fetched on this machine. Next: npm run charts.`,
    );
  }
  const pinned = chart.sha256 ?? pinBeside(path);
  if (pinned === undefined) {
    throw new ChartError(
      `${title}'s chart ${path} has no pinned sha256. Likely cause: it was copied here by hand. ` +
        `Next: npm run charts, and commit ${join(dirname(path), "SHA256SUMS")}.`,
    );
  }
  const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
  if (sha256 !== pinned.toLowerCase()) {
    throw new ChartError(
      `${title}'s chart ${path} has sha256 ${sha256}, pinned is ${pinned}. ` +
        "Likely cause: the file was changed, or a proxy answered in its place. " +
        "Next: delete it, and npm run charts; don't use it before both agree.",
    );
  }
  return { path, sha256 };
}

/** The file's line in SHA256SUMS, as `sha256sum` writes it. */
function pinBeside(path: string): string | undefined {
  const sums = join(dirname(path), "SHA256SUMS");
  if (!existsSync(sums)) return undefined;
  const line = readFileSync(sums, "utf8")
    .split("\n")
    .find((text) => text.slice(66) === basename(path));
  return line?.slice(0, 64);
}
