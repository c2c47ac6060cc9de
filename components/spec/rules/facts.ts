import { parseIpv4 } from "../cidr";
import { showValue } from "../problems";
import { PROFILES, type Profile } from "../profiles";
import type { ClusterConfig, HostConfig } from "../schema";
import type { Draft } from "../shape";
import type { Problem, Role, Topology } from "../types";

/** A problem, and whether it stops the build. */
export type Judgement = Problem & { readonly severity: "problem" | "warning" };

/** One rule across sections; parts that the shape could not read are undefined, and the rule passes over them. */
export type Rule = (facts: Facts) => Iterable<Judgement>;

/** A host of which any part may be unreadable, and where it stands. */
export interface PlacedHost extends Draft<HostConfig> {
  readonly path: string;
}

/** What rules ask of a config. */
export interface Facts {
  readonly config: Draft<ClusterConfig>;
  /** The cluster is living: counts below the range are warnings. */
  readonly existing: boolean;
  readonly profile: Profile | undefined;
  readonly topology: Topology | undefined;
  readonly hosts: readonly PlacedHost[];
  /** Hosts of a role, or undefined if some host's role is unreadable and counts would mislead. */
  readonly byRole: ((role: Role) => readonly PlacedHost[]) | undefined;
}

/** Collects the facts once for all rules. */
export function factsOf(config: Draft<ClusterConfig>, existing: boolean): Facts {
  const profile = config.profile === undefined ? undefined : PROFILES[config.profile];
  const hosts = (config.hosts ?? []).map((host, i) => ({ ...host, path: `hosts[${i}]` }));
  const rolesKnown = config.hosts !== undefined && hosts.every((host) => host.role !== undefined);
  return {
    config,
    existing,
    profile,
    topology: config.topology ?? profile?.topologies[0],
    hosts,
    byRole: rolesKnown ? (role) => hosts.filter((host) => host.role === role) : undefined,
  };
}

/** Something that stops the build. */
export function problem(path: string, value: unknown, message: string, cure: string): Judgement {
  return { severity: "problem", path, value: showValue(value), message, cure };
}

/** Something that is allowed but unwise. */
export function warning(path: string, value: unknown, message: string, cure: string): Judgement {
  return { ...problem(path, value, message, cure), severity: "warning" };
}

/** A judgement about hosts together; `seen` is printed as it is, as in "2 masters". */
export function onHosts(
  severity: Judgement["severity"],
  seen: string,
  message: string,
  cure: string,
): Judgement {
  return { severity, path: "hosts", value: seen, message, cure };
}

/** "1 worker", "3 workers". */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** How a host is called in a message. */
export function called(host: PlacedHost): string {
  return host.name ?? host.path;
}

/** A readable IPv4 address as a number, or undefined. */
export function addressOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseIpv4(text);
}
