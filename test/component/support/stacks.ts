import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { HaCluster, type HaClusterArgs } from "../../../components/cluster";
import { parseCluster } from "../../../components/spec/parse";
import { secretNames } from "../../../components/spec/secretNames";
import type { ClusterSpec } from "../../../components/spec/types";
import { CANARY, record, type Run } from "./engine";

const ROOT = join(__dirname, "..", "..", "..");

/** The committed stacks by what they show. */
const FILES = {
  small: "Pulumi.dev.yaml",
  medium: "examples/stacks/Pulumi.medium.yaml",
  large: "Pulumi.prod.yaml",
  stacked: "examples/stacks/Pulumi.small-stacked.yaml",
} as const;

/** Name of an example stack. */
export type StackName = keyof typeof FILES;

/** All example stacks. */
export const STACKS = Object.keys(FILES) as StackName[];

/** A cluster as it is written in a stack's config. */
export type Written = Record<string, unknown> & { hosts: Record<string, unknown>[] };

/** The config of an example stack, after a change by hand. */
export function written(stack: StackName, change: (config: Written) => void = () => undefined): Written {
  const file = parse(readFileSync(join(ROOT, FILES[stack]), "utf8")) as {
    config: { "ha-kubernetes:cluster": Written };
  };
  const config = file.config["ha-kubernetes:cluster"];
  change(config);
  return config;
}

/** The checked cluster of an example stack, after a change by hand. */
export function example(stack: StackName, change?: (config: Written) => void): ClusterSpec {
  return parseCluster(written(stack, change), { builtWith: {} });
}

const FOLDER = mkdtempSync(join(tmpdir(), "ha-kubernetes-chart-"));
process.once("exit", () => rmSync(FOLDER, { recursive: true }));

/** In the place of each chart. */
const CHART = { path: join(FOLDER, "chart.tgz"), sha256: createHash("sha256").update("chart").digest("hex") };
writeFileSync(CHART.path, "chart");

/** What the secret config keys hold that the examples name. */
const SECRETS = Object.fromEntries(
  [...secretNames(example("large")).keys()].map((name) => [name, `${CANARY}-${name}`]),
);

/** Builds a cluster against mocks. */
export function build(cluster: ClusterSpec, more: Partial<HaClusterArgs> = {}): Promise<Run> {
  const charts = { calicoChart: CHART, cephChart: CHART, nfsChart: CHART };
  return record(() => new HaCluster(cluster.name, { cluster, ...charts, secrets: SECRETS, ...more }));
}

/** The ssh key with which the examples are built. */
export const PRIVATE_KEY = `${CANARY}-ssh`;

const runs = new Map<StackName, Promise<Run>>();

/** What an example stack asks for as it was committed, with a private key; built once for all tests. */
export function exampleRun(stack: StackName): Promise<Run> {
  const run = runs.get(stack) ?? build(example(stack), { privateKey: PRIVATE_KEY });
  runs.set(stack, run);
  return run;
}

/** The program of the small example with another section in its config. */
export async function smallWith(section: string, value: unknown): Promise<Run> {
  return build(parseCluster(written("small", (cluster) => (cluster[section] = value))));
}
