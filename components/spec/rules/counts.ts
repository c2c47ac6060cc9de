import { PROFILE_NAMES, PROFILES, type Profile, type Range } from "../profiles";
import { isEven, quorum, tolerated } from "../quorum";
import type { Topology } from "../types";
import { onHosts, plural, problem, type Facts, type Judgement } from "./facts";

/** What is counted against a profile's range. */
type Counted = "masters" | "workers" | "etcdMembers";

/** Numbers of hosts; with stacked topology the masters are the etcd members. */
type Counts = Readonly<Record<Counted, number>>;

const COUNTED = ["masters", "workers", "etcdMembers"] as const satisfies readonly Counted[];

const NOUNS: Record<Counted, string> = { masters: "master", workers: "worker", etcdMembers: "etcd member" };

/** Topology and numbers of hosts against the profile. */
export function* counts(facts: Facts): Generator<Judgement> {
  const { config, profile, topology, byRole } = facts;
  if (profile === undefined || topology === undefined || byRole === undefined) return;
  if (!profile.topologies.includes(topology)) {
    const message = `is not offered by profile ${config.profile}`;
    yield problem("topology", topology, message, `write ${profile.topologies.join(" or ")}`);
    return;
  }
  const stacked = topology === "stacked";
  const etcd = byRole("etcd").length;
  const masters = byRole("master").length;
  const seen: Counts = { masters, workers: byRole("worker").length, etcdMembers: stacked ? masters : etcd };
  for (const what of COUNTED) {
    if (what !== "etcdMembers" || !stacked) yield* inRange(facts, what, seen, topology);
  }
  if (stacked && etcd > 0) {
    const message = "with role etcd, but stacked topology runs etcd on the masters";
    yield onHosts("problem", plural(etcd, "host"), message, "delete them, or write topology: external");
  }
  yield* evenMembers(facts, profile, seen, stacked);
}

function* inRange(facts: Facts, what: Counted, counts: Counts, topology: Topology): Generator<Judgement> {
  const { config, profile, existing } = facts;
  const range = profile?.[what];
  const count = counts[what];
  if (range === undefined || within(count, range)) return;
  const seen = plural(count, NOUNS[what]);
  const message = `where profile ${config.profile} has ${formatRange(range)}`;
  const missing = range.min - count;
  const change =
    missing > 0 ? `add ${plural(missing, NOUNS[what])}` : `delete ${plural(count - range.max, NOUNS[what])}`;
  // Without a single master or member there is nothing left to repair the cluster from.
  if (existing && missing > 0 && (count > 0 || what === "workers")) {
    const cure = `${change} soon: the cluster has less redundancy than its profile promises`;
    yield onHosts("warning", seen, message, cure);
    return;
  }
  const other = PROFILE_NAMES.find((name) => fits(PROFILES[name], counts, topology));
  yield onHosts(
    "problem",
    seen,
    message,
    other === undefined ? change : `${change}, or write profile: ${other}`,
  );
}

/** Whether a profile takes the hosts as they are. */
function fits(profile: Profile, counts: Counts, topology: Topology): boolean {
  return (
    profile.topologies.includes(topology) && COUNTED.every((what) => within(counts[what], profile[what]))
  );
}

/** Even numbers within the range; outside of it the range has been reported already. */
function* evenMembers(
  facts: Facts,
  profile: Profile,
  counts: Counts,
  stacked: boolean,
): Generator<Judgement> {
  const { masters, etcdMembers } = counts;
  if (isEven(etcdMembers) && within(etcdMembers, profile.etcdMembers)) {
    const message = `are an even number: the quorum is ${quorum(etcdMembers)}, so they survive the loss of ${tolerated(etcdMembers)}, as ${etcdMembers - 1} do`;
    const severity = facts.existing ? "warning" : "problem";
    yield onHosts(
      severity,
      plural(etcdMembers, "etcd member"),
      message,
      `use ${etcdMembers - 1} or ${etcdMembers + 1}`,
    );
  }
  if (!stacked && isEven(masters) && within(masters, profile.masters)) {
    const message = "are an even number, which is allowed with external etcd, but not tried";
    yield onHosts("warning", plural(masters, "master"), message, `use ${masters - 1} or ${masters + 1}`);
  }
}

/** Two load balancers of ours, or none. */
export function* loadBalancers({ config, byRole, existing }: Facts): Generator<Judgement> {
  const mode = config.loadBalancer?.mode;
  if (mode === undefined || byRole === undefined) return;
  const count = byRole("loadbalancer").length;
  const seen = plural(count, "load balancer");
  if (mode === "external") {
    const cure = "delete these hosts, or write loadBalancer.mode: haproxy";
    if (count > 0) yield onHosts("problem", seen, "although loadBalancer.mode is external", cure);
  } else if (count === 1 && existing) {
    yield onHosts("warning", seen, "has no partner: its loss takes the API away", "add 1 load balancer soon");
  } else if (count !== 2) {
    const external = "write loadBalancer.mode: external for one that you already have";
    const cure = count > 2 ? `delete ${count - 2}` : `add ${2 - count}, or ${external}`;
    yield onHosts("problem", seen, "where loadBalancer.mode haproxy has a pair of 2", cure);
  }
}

function within(count: number, { min, max }: Range): boolean {
  return count >= min && count <= max;
}

function formatRange({ min, max }: Range): string {
  return min === max ? `${min}` : `${min} to ${max}`;
}
