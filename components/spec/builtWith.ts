import { GIB } from "./profiles";
import type { ClusterSpec, HostSpec, Problem } from "./types";

/** A cluster before it is known what is unwise about it. */
type Cluster = Omit<ClusterSpec, "warnings">;

/**
 * What a living cluster was built with, by the setting's path in the config: everything that `up` can't carry over to
 * hosts that stand. A stack gives it out, and its next run is judged against it.
 */
export type BuiltWith = Readonly<Record<string, string>>;

/** What a cluster of this spec is built with; what an earlier run gave out stays, as the hosts have that. */
export function builtWith(cluster: Cluster, before: BuiltWith = {}): BuiltWith {
  return { ...frozen(cluster), ...kept(cluster), ...before };
}

/** Settings of which a node's own files, certificates or data depend; another value is refused. */
export function frozen(cluster: Cluster): BuiltWith {
  const { endpoint, network, hosts, loadBalancer } = cluster;
  return {
    name: cluster.name,
    topology: cluster.topology,
    architecture: cluster.architecture,
    kubernetesVersion: cluster.versions.kubernetes,
    "endpoint.address": endpoint.address,
    "endpoint.dnsName": endpoint.dnsName,
    "endpoint.port": String(endpoint.port),
    "loadBalancer.mode": loadBalancer.mode,
    "network.cni": network.cni,
    "network.podCidr": network.podCidr,
    "network.serviceCidr": network.serviceCidr,
    "network.dnsDomain": network.dnsDomain,
    "network.proxyMode": network.proxyMode,
    "profile (pod network of each node)": `/${network.nodeCidrMaskSize}`,
    "hosts (masters)": listed(hosts.masters),
    "hosts (etcd)": listed(hosts.etcd),
  };
}

/** Settings that the control plane keeps as it was built; another value is worth a warning. */
function kept({ topology, controlPlane, node, etcd }: Cluster): BuiltWith {
  return {
    "controlPlane.extraSans": controlPlane.extraSans.join(", "),
    "profile (API requests in flight / mutating)": `${controlPlane.maxRequestsInflight} / ${controlPlane.maxMutatingRequestsInflight}`,
    "profile (node NotReady after)": `${controlPlane.nodeMonitorGraceSeconds} s`,
    "profile (pods leave a dead node after)": `${controlPlane.podEvictionSeconds} s`,
    "profile (pods per node)": String(node.maxPods),
    // External members take a new quota with a restart, one after the other.
    ...(topology === "stacked" && { "etcd.quotaGiB": String(etcd.quotaBytes / GIB) }),
  };
}

/** What the config changes of a living cluster although `up` can't: problems, and what is worth a warning. */
export function changedSince(
  before: BuiltWith,
  cluster: Cluster,
): { problems: Problem[]; warnings: Problem[] } {
  return {
    problems: differences(before, frozen(cluster), (was) => ({
      message: `was ${was} when the cluster was built, and up can't change that on a living cluster`,
      cure: "take the change back, or build a new cluster beside this one",
    })),
    warnings: differences(before, kept(cluster), (was) => ({
      message: `was ${was} when the cluster was built, and the control plane and its nodes keep that`,
      cure: "take the change back, or leave it for clusters to come",
    })),
  };
}

function differences(
  before: BuiltWith,
  now: BuiltWith,
  judge: (was: string) => Pick<Problem, "message" | "cure">,
): Problem[] {
  return Object.entries(now)
    .filter(([path, value]) => before[path] !== undefined && before[path] !== value)
    .map(([path, value]) => ({ path, value: value || "nothing", ...judge(before[path] || "nothing") }));
}

function listed(hosts: readonly HostSpec[]): string {
  return hosts
    .map(({ name, address }) => `${name} ${address}`)
    .sort()
    .join(", ");
}
