import { z } from "zod";
import { GIB, PROFILE_NAMES, PROFILES, type Profile, type Range } from "./profiles";
import { clusterSchema } from "./schema";
import { BUNDLE_ONLY_VERSIONS, PINNED_VERSIONS, versionsFor } from "./versions";

/** The part of JSON Schema that the config's schema uses; `absent` is ours. */
interface Part {
  readonly type?: string;
  readonly description?: string;
  readonly absent?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly required?: readonly string[];
  readonly items?: Part;
}

/** The table of every config key: key, type, default, meaning; Markdown, the same in docs/config.md and README.md. */
export function configTable(): string {
  // io "input": what an operator writes, not what comes out after the defaults.
  const root = z.toJSONSchema(clusterSchema, { io: "input" }) as Part;
  const rows = [...keys("", root)].map(([key, part, required]) => [
    `\`${key}\``,
    typeName(part),
    defaultOf(part, required),
    part.description ?? "",
  ]);
  return table(["Key", "Type", "Default", "Meaning"], rows);
}

/** The table of what each profile accepts and sets. */
export function profileTable(): string {
  const lines: [string, (profile: Profile) => string | number][] = [
    ["masters", (p) => range(p.masters)],
    ["workers", (p) => range(p.workers)],
    ["etcd members", (p) => range(p.etcdMembers)],
    ["topologies, the default first", (p) => p.topologies.join(", ")],
    ["workers that may fail at once", (p) => p.redundancy],
    ["etcd quota (GiB)", (p) => p.etcd.quotaBytes / GIB],
    ["etcd heartbeat / election (ms)", (p) => `${p.etcd.heartbeatMs} / ${p.etcd.electionMs}`],
    ["etcd snapshot-count", (p) => p.etcd.snapshotCount],
    [
      "API requests in flight / mutating",
      (p) => `${p.controlPlane.maxRequestsInflight} / ${p.controlPlane.maxMutatingRequestsInflight}`,
    ],
    ["node NotReady after (s)", (p) => p.controlPlane.nodeMonitorGraceSeconds],
    ["pods leave a dead node after (s more)", (p) => p.controlPlane.podEvictionSeconds],
    ["pod network of each node", (p) => `/${p.network.nodeCidrMaskSize}`],
    ["pods per node", (p) => p.node.maxPods],
    ["Typha replicas (Calico)", (p) => p.network.typha],
    ["workers that join at the same time", (p) => p.node.joinConcurrency],
    ["scrape interval (s)", (p) => p.monitoring.scrapeIntervalSeconds],
  ];
  const rows = lines.map(([what, value]) => [
    what,
    ...PROFILE_NAMES.map((name) => String(value(PROFILES[name]))),
  ]);
  return table(["", ...PROFILE_NAMES], rows);
}

/** The table of supported Kubernetes versions and what is installed with them. */
export function versionTable(): string {
  const newestFirst = [...BUNDLE_ONLY_VERSIONS, ...PINNED_VERSIONS];
  const rows = newestFirst.flatMap((version) => {
    const v = versionsFor(version);
    if (v === undefined) return [];
    const sources = BUNDLE_ONLY_VERSIONS.includes(version) ? "bundle" : "upstream, mirror, bundle";
    return [
      [
        version,
        sources,
        v.etcd,
        v.containerd,
        v.runc,
        v.cniPlugins,
        v.coredns,
        v.pause,
        v.calico,
        v.kubeRouter,
      ],
    ];
  });
  const parts = ["etcd", "containerd", "runc", "CNI plugins", "CoreDNS", "pause", "Calico", "kube-router"];
  return table(["Kubernetes", "Sources", ...parts], rows);
}

/** All of docs/config.md. */
export function configDocument(): string {
  return `# Config

One object in the stack's file, \`ha-kubernetes:cluster\`. Secrets are not in it: it names the secret keys that hold them.
Unknown keys, wrong values and parts that don't go together are all reported at once, before anything is touched.
Examples: [dev](../Pulumi.dev.yaml), [prod](../Pulumi.prod.yaml), [medium](../examples/stacks/Pulumi.medium.yaml),
[small-stacked](../examples/stacks/Pulumi.small-stacked.yaml).

This page is made from the schema (components/spec/docs.ts) and checked by the unit tests.

## Keys

${configTable()}
## Profiles

Counts outside the range are refused when a cluster is created; on a living cluster a count below it is a warning.

${profileTable()}
## Versions

${versionTable()}`;
}

function* keys(prefix: string, group: Part): Generator<[string, Part, boolean]> {
  for (const [name, part] of Object.entries(group.properties ?? {})) {
    const key = `${prefix}${name}`;
    if (part.properties !== undefined) {
      // A group that can be left out as a whole has keys that are required within it only.
      yield [key, part, false];
      yield* keys(`${key}.`, part);
    } else if (part.items?.properties !== undefined) {
      yield [key, part, group.required?.includes(name) ?? false];
      yield* keys(`${key}[].`, part.items);
    } else {
      yield [key, part, group.required?.includes(name) ?? false];
    }
  }
}

function typeName(part: Part): string {
  if (part.enum !== undefined) return part.enum.join(", ");
  if (part.properties !== undefined) return "group";
  if (part.items !== undefined) return `list of ${part.items.properties === undefined ? "texts" : "groups"}`;
  const name = part.type === "string" ? "text" : part.type === "integer" ? "whole number" : (part.type ?? "");
  // Without an upper end of its own, zod gives the largest safe integer.
  const bounded =
    part.minimum !== undefined && part.maximum !== undefined && part.maximum < Number.MAX_SAFE_INTEGER;
  return bounded ? `${name}, ${part.minimum} to ${part.maximum}` : name;
}

function defaultOf(part: Part, required: boolean): string {
  if (part.absent !== undefined) return part.absent;
  if (required) return "required";
  if (part.properties !== undefined) return (part.required ?? []).length > 0 ? "required" : "";
  const value = part.default;
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const plain = all.filter((one) => ["string", "number", "boolean"].includes(typeof one));
  return plain.length > 0 ? plain.map((one) => `\`${String(one)}\``).join(", ") : "none";
}

function range({ min, max }: Range): string {
  return min === max ? `${min}` : `${min} to ${max}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}
