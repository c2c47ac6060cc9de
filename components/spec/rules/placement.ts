import { FAILOVER_RESERVE_PERCENT, lostPercent, MASTER_MIN_CPUS, MASTER_MIN_MEMORY_GIB } from "../capacity";
import { tolerated } from "../quorum";
import { onHosts, plural, warning, type Facts, type Judgement, type PlacedHost } from "./facts";

/** What fails together. */
type Domain = "rack" | "zone";

const STOPS = "its loss stops the cluster";
const NO_API = "its loss takes the API away";

/** Hosts that stand in for each other. */
interface Group {
  readonly noun: string;
  readonly hosts: readonly PlacedHost[];
  readonly hasQuorum: boolean;
  /** What ends when all of them are gone. */
  readonly loss: string;
  /** All in one rack stops the build; for the others it is a warning. */
  readonly mustSpread: boolean;
}

/** Hosts that stand in for each other, but share a rack or zone. */
export function* placement(facts: Facts): Generator<Judgement> {
  const { byRole, topology } = facts;
  if (byRole === undefined || topology === undefined) return;
  const stacked = topology === "stacked";
  const groups: Group[] = [
    { noun: "etcd member", hosts: byRole("etcd"), hasQuorum: true, loss: STOPS, mustSpread: true },
    {
      noun: "master",
      hosts: byRole("master"),
      hasQuorum: stacked,
      loss: stacked ? STOPS : NO_API,
      mustSpread: true,
    },
    {
      noun: "load balancer",
      hosts: byRole("loadbalancer"),
      hasQuorum: false,
      loss: NO_API,
      mustSpread: false,
    },
  ];
  for (const domain of ["rack", "zone"] as const) {
    for (const group of groups) yield* spread(facts, domain, group);
  }
}

function* spread(facts: Facts, domain: Domain, group: Group): Generator<Judgement> {
  const total = group.hosts.length;
  // Where some members have no rack given, nothing can be said.
  if (total < 2 || group.hosts.some((host) => host[domain] === undefined)) return;
  const held = countBy(group.hosts, domain);
  const [fullest = "", most = 0] = [...held].sort((a, b) => b[1] - a[1])[0] ?? [];
  const all = [...countBy(facts.hosts, domain).keys()];
  const unused = all.find((name) => !held.has(name));
  const seen = `${domain} "${fullest}"`;
  if (most === total) {
    // One zone for the whole site says where it is, not that it was forgotten.
    if (domain === "zone" && all.length === 1) return;
    const stops = domain === "rack" && group.mustSpread && !facts.existing;
    const cure =
      all.length === 1
        ? `spread them over ${domain}s; a site with one ${domain} leaves the key out`
        : `spread them over ${all.join(", ")}`;
    const message = `holds ${total === 2 ? "both" : `all ${total}`} ${group.noun}s: ${group.loss}`;
    yield onHosts(stops ? "problem" : "warning", seen, message, cure);
  } else if (group.hasQuorum && most > tolerated(total)) {
    const message = `holds ${most} of ${plural(total, group.noun)}: without it the rest has no quorum`;
    yield onHosts("warning", seen, message, `let no ${domain} hold more than ${tolerated(total)}`);
  } else if (most > 1 && unused !== undefined) {
    const message = `holds ${most} of ${plural(total, group.noun)} while ${domain} "${unused}" holds none`;
    yield onHosts("warning", seen, message, `move one to ${domain} "${unused}"`);
  }
}

function countBy(hosts: readonly PlacedHost[], domain: Domain): Map<string, number> {
  const counts = new Map<string, number>();
  for (const host of hosts) {
    const name = host[domain];
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Masters and workers against what requirements R5 asks of them, where sizes are given. */
export function* capacity({ byRole, profile }: Facts): Generator<Judgement> {
  if (byRole === undefined) return;
  for (const { path, cpus, memoryGiB } of byRole("master")) {
    if (cpus !== undefined && cpus < MASTER_MIN_CPUS) {
      const cure = `give it ${MASTER_MIN_CPUS} or more (8 advised)`;
      yield warning(
        `${path}.cpus`,
        cpus,
        `is less than the ${MASTER_MIN_CPUS} CPUs that a master needs`,
        cure,
      );
    }
    if (memoryGiB !== undefined && memoryGiB < MASTER_MIN_MEMORY_GIB) {
      const cure = `give it ${MASTER_MIN_MEMORY_GIB} or more (16 advised)`;
      yield warning(
        `${path}.memoryGiB`,
        memoryGiB,
        `is less than the ${MASTER_MIN_MEMORY_GIB} GiB that a master needs`,
        cure,
      );
    }
  }
  if (profile === undefined) return;
  const workers = byRole("worker");
  yield* reserve(
    workers,
    "CPUs",
    workers.map((host) => host.cpus),
    profile.redundancy,
  );
  yield* reserve(
    workers,
    "memory",
    workers.map((host) => host.memoryGiB),
    profile.redundancy,
  );
}

function* reserve(
  workers: readonly PlacedHost[],
  what: string,
  sizes: readonly (number | undefined)[],
  redundancy: number,
): Generator<Judgement> {
  const known = sizes.filter((size) => size !== undefined);
  if (known.length === 0 || known.length < workers.length) return;
  const percent = Math.ceil(lostPercent(known, redundancy));
  if (percent <= FAILOVER_RESERVE_PERCENT) return;
  const fail = redundancy === 1 ? "the largest fails" : `the ${redundancy} largest fail`;
  const message = `lose ${percent} % of their ${what} when ${fail}, more than the ${FAILOVER_RESERVE_PERCENT} % kept free`;
  yield onHosts(
    "warning",
    plural(workers.length, "worker"),
    message,
    `keep ${percent} % free, or add workers`,
  );
}
