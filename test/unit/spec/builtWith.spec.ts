import { deepEqual, equal } from "node:assert/strict";
import { builtWith } from "../../../components/spec/builtWith";
import { parseCluster } from "../../../components/spec/parse";
import {
  edited,
  goodConfig,
  problemsOf,
  rawHost,
  rawHosts,
  warningsOf,
  without,
  type RawConfig,
} from "./configs";

const STACKED = goodConfig({
  topology: "stacked",
  hosts: goodConfig().hosts.filter(({ role }) => role !== "etcd"),
});

const of = (config: RawConfig) => builtWith(parseCluster(config));
const refused = "when the cluster was built, and up can't change that on a living cluster";
const CURE = "cure: take the change back, or build a new cluster beside this one";

/** A change of a living cluster that must be refused, and how that begins. */
const REFUSED: [title: string, config: () => unknown, expected: string][] = [
  ["its name", () => goodConfig({ name: "other" }), "name: other was test"],
  ["its version", () => goodConfig({ kubernetesVersion: "1.35.8" }), "kubernetesVersion: 1.35.8 was 1.36.4"],
  [
    "the VIP",
    () => goodConfig({ endpoint: { address: "192.168.10.99", dnsName: "k8s-api.example.com" } }),
    "endpoint.address: 192.168.10.99 was 192.168.10.100",
  ],
  [
    "the pod network",
    () => goodConfig({ network: { podCidr: "10.200.0.0/16" } }),
    "network.podCidr: 10.200.0.0/16 was 10.244.0.0/16",
  ],
  ["the CNI", () => goodConfig({ network: { cni: "kube-router" } }), "network.cni: kube-router was calico"],
  [
    "a master's address",
    () => edited((config) => void Object.assign(config.hosts[2]!, { address: "192.168.10.109" })),
    "hosts (masters): master-1 192.168.10.109, master-2 192.168.10.102, master-3 192.168.10.103 was " +
      "master-1 192.168.10.101, master-2 192.168.10.102, master-3 192.168.10.103",
  ],
  [
    "an etcd member for another",
    () => {
      const config = without(["etcd-3"]);
      config.hosts.push(rawHost("etcd", 4));
      return config;
    },
    "hosts (etcd): etcd-1 192.168.10.201, etcd-2 192.168.10.202, etcd-4 192.168.10.204 was " +
      "etcd-1 192.168.10.201, etcd-2 192.168.10.202, etcd-3 192.168.10.203",
  ],
];

describe("a config of a living cluster", () => {
  for (const [title, config, expected] of REFUSED) {
    it(`is refused if it changes ${title}`, () => {
      deepEqual(problemsOf(config(), { builtWith: of(goodConfig()) }), [`${expected} ${refused}`, CURE]);
    });
  }

  it("is refused with all that it changes at once", () => {
    const config = goodConfig({ network: { podCidr: "10.200.0.0/16", proxyMode: "nftables" } });
    deepEqual(
      problemsOf(config, { builtWith: of(goodConfig()) }).filter((line) => line !== CURE),
      [
        `network.podCidr: 10.200.0.0/16 was 10.244.0.0/16 ${refused}`,
        `network.proxyMode: nftables was iptables ${refused}`,
      ],
    );
  });

  it("is refused for a profile with another part of the pod network for each node", () => {
    const config = goodConfig({
      profile: "large",
      hosts: [
        ...rawHosts("loadbalancer", 2),
        ...rawHosts("master", 3),
        ...rawHosts("etcd", 3),
        ...rawHosts("worker", 50),
      ],
    });
    equal(
      problemsOf(config, { builtWith: of(goodConfig()) })[0],
      `profile (pod network of each node): /25 was /24 ${refused}`,
    );
  });

  it("is taken as it was, and with workers that come and go", () => {
    const before = of(goodConfig());
    deepEqual(problemsOf(goodConfig(), { builtWith: before }), []);
    deepEqual(
      problemsOf(
        edited((config) => void config.hosts.push(rawHost("worker", 4))),
        { builtWith: before },
      ),
      [],
    );
    deepEqual(problemsOf(without(["worker-3"]), { builtWith: before }), []);
  });

  it("is taken with hosts in another order", () => {
    const config = goodConfig();
    deepEqual(problemsOf({ ...config, hosts: config.hosts.toReversed() }, { builtWith: of(config) }), []);
  });

  it("is taken with a warning where the control plane keeps what it has", () => {
    const config = goodConfig({
      profile: "medium",
      controlPlane: { extraSans: ["api.example.com"] },
      hosts: [...goodConfig().hosts, ...rawHosts("worker", 10).slice(3)],
    });
    deepEqual(problemsOf(config, { builtWith: of(goodConfig()) }), []);
    const kept = "when the cluster was built, and the control plane and its nodes keep that";
    const cure = "cure: take the change back, or leave it for clusters to come";
    deepEqual(warningsOf(config, { builtWith: of(goodConfig()) }), [
      `controlPlane.extraSans: api.example.com was nothing ${kept}`,
      cure,
      `profile (pods leave a dead node after): 120 s was 60 s ${kept}`,
      cure,
    ]);
  });

  it("may change etcd's quota where etcd has hosts of its own", () => {
    const quota = { etcd: { quotaGiB: 4 } };
    deepEqual(warningsOf(goodConfig(quota), { builtWith: of(goodConfig()) }), []);
    equal(
      warningsOf({ ...STACKED, ...quota }, { builtWith: of(STACKED) })[0],
      "etcd.quotaGiB: 4 was 8 when the cluster was built, and the control plane and its nodes keep that",
    );
  });
});

describe("what a cluster was built with", () => {
  it("stays as an earlier run gave it out", () => {
    const first = of(goodConfig());
    const grown = goodConfig({ controlPlane: { extraSans: ["api.example.com"] } });
    const second = builtWith(parseCluster(grown, { builtWith: first }), first);
    deepEqual(second, first);
  });
});
