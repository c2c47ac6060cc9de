import type { ProfileName, Role, Topology } from "../components/spec/types";
import { PROFILES } from "../components/spec/profiles";

/** Parts of the cluster that the lab can go without; it does not build what they run. */
export const PARTS = ["storage", "monitoring", "logs", "backup", "samples"] as const;
export type Part = (typeof PARTS)[number];

/** What the lab's cluster looks like. */
export interface Shape {
  readonly topology: Topology;
  readonly masters: number;
  readonly workers: number;
  /** What it goes without; nothing by default. */
  readonly without?: readonly Part[];
}

/** 3 etcd, 3 masters, 3 workers and 2 load balancers. */
export const DEFAULT_SHAPE: Shape = { topology: "external", masters: 3, workers: 3 };

/** The smallest profile that takes so many workers. */
export function profileOf({ workers }: Pick<Shape, "workers">): ProfileName {
  return workers <= PROFILES.small.workers.max ? "small" : "medium";
}

/** One host of the lab; addresses as in the documentation's examples. */
export interface ShapeHost {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
  readonly zone?: string;
  readonly rack?: string;
}

/** The hosts of a shape, spread over three zones. */
export function hostsOf(shape: Shape): ShapeHost[] {
  const group = (role: Role, prefix: string, first: number, count: number): ShapeHost[] =>
    Array.from({ length: count }, (_, i) => ({
      name: `${prefix}${i + 1}`,
      address: `192.168.10.${first + i}`,
      role,
      ...(role !== "loadbalancer" && { zone: `zone-${"abc"[i % 3] ?? "a"}`, rack: `rack-${(i % 3) + 1}` }),
    }));
  return [
    ...(shape.topology === "external" ? group("etcd", "e", 201, 3) : []),
    ...group("master", "m", 101, shape.masters),
    ...group("worker", "w", 111, shape.workers),
    ...group("loadbalancer", "lb", 11, 2),
  ];
}

/**
 * A host's claim to the lab's processors where all hosts want them; the kernel's is 1. Real masters have processors of
 * their own: with an eighth of two, API servers took longer for a handshake than load balancers wait for a check, which
 * ended the connections of an `up`. With much more, workers starve.
 */
export function weightOf({ role }: ShapeHost): number {
  return role === "worker" ? 1 : 2;
}
