import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Names of upstream's charts that are used, each with what it installs, as messages say it. */
const TITLES = {
  "tigera-operator": "Calico",
  "ceph-csi-rbd": "Ceph CSI",
  "csi-driver-nfs": "NFS CSI",
} as const;

/** Name of a chart that is used. */
export type ChartName = keyof typeof TITLES;

/** One of upstream's charts. */
export interface Chart {
  /** What it installs, as messages say it. */
  readonly title: string;
  /** Version without a leading "v". */
  readonly version: string;
  /** Name of its file. */
  readonly file: string;
}

/** The chart of a name, at the version in charts.txt, which `npm run charts` reads too. */
export function chartOf(name: ChartName): Chart {
  const line = readFileSync(join(__dirname, "charts.txt"), "utf8")
    .split("\n")
    .find((text) => text.startsWith(`${name} `));
  const [, version, file] = line?.split(" ") ?? [];
  if (version === undefined || file === undefined) throw new Error(`charts.txt has no chart ${name}`);
  return { title: TITLES[name], version, file };
}
