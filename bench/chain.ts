import type { Step } from "./figures";

/** What each resource of the state waits for, by URN. */
export type Waits = ReadonlyMap<string, readonly string[]>;

/** A resource as the engine's state holds it. */
export interface StateResource {
  urn: string;
  type: string;
  provider?: string;
  dependencies?: string[];
}

/** Whom each resource waits for, its provider among them. */
export function waitsOf(resources: readonly StateResource[]): Waits {
  return new Map(
    resources.map(({ urn, provider, dependencies = [] }) => [
      urn,
      // A provider's reference is its urn, "::" and its id.
      [...dependencies, ...(provider ? [provider.slice(0, provider.lastIndexOf("::"))] : [])],
    ]),
  );
}

/**
 * The chain that decided the end: from the last step back, each time to the one among those waited for that ended last.
 * Steps go by URN; what is waited for and has no step (keys, certificates) is looked through.
 */
export function longestChain(steps: ReadonlyMap<string, Step>, waits: Waits): Step[] {
  const chain: Step[] = [];
  let [urn] = latestFirst([...steps.keys()], steps);
  while (urn !== undefined) {
    const step = steps.get(urn);
    if (step) chain.unshift(step);
    [urn] = latestFirst(before(urn, steps, waits, new Set([urn])), steps);
  }
  return chain;
}

function latestFirst(urns: readonly string[], steps: ReadonlyMap<string, Step>): string[] {
  const end = (urn: string) => steps.get(urn)?.to ?? 0;
  return [...urns].sort((a, b) => end(b) - end(a));
}

/** The nearest steps that one waits for. */
function before(urn: string, steps: ReadonlyMap<string, Step>, waits: Waits, seen: Set<string>): string[] {
  return (waits.get(urn) ?? []).flatMap((other) => {
    if (seen.has(other)) return [];
    seen.add(other);
    return steps.has(other) ? [other] : before(other, steps, waits, seen);
  });
}
