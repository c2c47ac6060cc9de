import { deepEqual } from "node:assert/strict";
import {
  edited,
  fourMembers,
  goodConfig,
  keyed,
  largeConfig,
  placed,
  problemsOf,
  rawHost,
  sized,
  warningsOf,
  withHost,
  without,
} from "./configs";
import { ecdsaKey } from "./hostKeys";

/** What is unwise, a config that has it, and everything that is printed. */
type Case = [title: string, config: () => unknown, expected: string[], living?: true];

const CASES: Case[] = [
  [
    "a missing master of a living cluster",
    () => without(["master-3"]),
    [
      "hosts: 2 masters where profile small has 3",
      "cure: add 1 master soon: the cluster has less redundancy than its profile promises",
    ],
    true,
  ],
  [
    "a missing etcd member of a living cluster",
    () => without(["etcd-3"]),
    [
      "hosts: 2 etcd members where profile small has 3",
      "cure: add 1 etcd member soon: the cluster has less redundancy than its profile promises",
    ],
    true,
  ],
  [
    "missing workers of a living cluster",
    () => without(["worker-1", "worker-2", "worker-3"]),
    [
      "hosts: 0 workers where profile small has 3 to 10",
      "cure: add 3 workers soon: the cluster has less redundancy than its profile promises",
    ],
    true,
  ],
  [
    "a missing load balancer of a living cluster",
    () => without(["lb-2"]),
    ["hosts: 1 load balancer has no partner: its loss takes the API away", "cure: add 1 load balancer soon"],
    true,
  ],
  [
    "an even number of etcd members of a living cluster",
    () => fourMembers(),
    [
      "hosts: 4 etcd members are an even number: the quorum is 3, so they survive the loss of 1, as 3 do",
      "cure: use 3 or 5",
    ],
    true,
  ],
  [
    "an even number of masters with external etcd",
    () => edited((config) => void config.hosts.push(rawHost("master", 4)), largeConfig(50)),
    [
      "hosts: 4 masters are an even number, which is allowed with external etcd, but not tried",
      "cure: use 3 or 5",
    ],
  ],
  [
    "a VIP far from the load balancers",
    () => goodConfig({ endpoint: { address: "192.168.20.100", dnsName: "api.example.com" } }),
    [
      "endpoint.address: \"192.168.20.100\" is in no load balancer's /24, and VRRP can't move an address beyond a layer-2 network",
      "cure: choose an address of their network, or go on if that network is larger",
    ],
  ],
  [
    "a VIP beside the masters, but far from the load balancers",
    () => withHost("lb-1", { address: "192.168.20.11" }, withHost("lb-2", { address: "192.168.20.12" })),
    [
      "endpoint.address: \"192.168.10.100\" is in no load balancer's /24, and VRRP can't move an address beyond a layer-2 network",
      "cure: choose an address of their network, or go on if that network is larger",
    ],
  ],
  [
    "ipvs",
    () => goodConfig({ network: { proxyMode: "ipvs" } }),
    [
      'network.proxyMode: "ipvs" is deprecated since Kubernetes 1.35 and off by default from 1.40 on (KEP-5495)',
      "cure: write nftables or iptables",
    ],
  ],
  [
    "kube-router above 100 nodes",
    () => largeConfig(98, { network: { cni: "kube-router" } }),
    [
      'network.cni: "kube-router" connects each of 101 nodes with each by BGP, which is known to hold to 100',
      "cure: write calico",
    ],
  ],
  [
    "all masters of a living cluster in one rack",
    () => placed("rack", { "master-1": "r1", "master-2": "r1", "master-3": "r1", "worker-1": "r2" }),
    ['hosts: rack "r1" holds all 3 masters: its loss takes the API away', "cure: spread them over r1, r2"],
    true,
  ],
  [
    "a rack whose loss takes the quorum",
    () => placed("rack", { "etcd-1": "r1", "etcd-2": "r1", "etcd-3": "r2" }),
    [
      'hosts: rack "r1" holds 2 of 3 etcd members: without it the rest has no quorum',
      "cure: let no rack hold more than 1",
    ],
  ],
  [
    "two etcd members in a rack while another has none",
    () =>
      placed(
        "rack",
        { "etcd-1": "r1", "etcd-2": "r1", "etcd-3": "r2", "etcd-4": "r2", "etcd-5": "r3", "worker-1": "r4" },
        largeConfig(50),
      ),
    ['hosts: rack "r1" holds 2 of 5 etcd members while rack "r4" holds none', 'cure: move one to rack "r4"'],
  ],
  [
    "a rack whose loss takes the quorum, named last",
    () => placed("rack", { "etcd-1": "r1", "etcd-2": "r2", "etcd-3": "r2" }),
    [
      'hosts: rack "r2" holds 2 of 3 etcd members: without it the rest has no quorum',
      "cure: let no rack hold more than 1",
    ],
  ],
  [
    "two masters in a rack while another has none",
    () => placed("rack", { "master-1": "r1", "master-2": "r1", "master-3": "r2", "worker-1": "r3" }),
    ['hosts: rack "r1" holds 2 of 3 masters while rack "r3" holds none', 'cure: move one to rack "r3"'],
  ],
  [
    "both load balancers in one rack",
    () => placed("rack", { "lb-1": "r1", "lb-2": "r1", "worker-1": "r2" }),
    [
      'hosts: rack "r1" holds both load balancers: its loss takes the API away',
      "cure: spread them over r1, r2",
    ],
  ],
  [
    "all masters in one of two zones",
    () => placed("zone", { "master-1": "a", "master-2": "a", "master-3": "a", "worker-1": "b" }),
    ['hosts: zone "a" holds all 3 masters: its loss takes the API away', "cure: spread them over a, b"],
  ],
  [
    "a master with too few CPUs",
    () => withHost("master-1", { cpus: 2 }),
    ["hosts[2].cpus: 2 is less than the 4 CPUs that a master needs", "cure: give it 4 or more (8 advised)"],
  ],
  [
    "a master with too little memory",
    () => withHost("master-1", { memoryGiB: 4 }),
    [
      "hosts[2].memoryGiB: 4 is less than the 8 GiB that a master needs",
      "cure: give it 8 or more (16 advised)",
    ],
  ],
  [
    "workers without room for the loss of one",
    () =>
      edited((config) =>
        config.hosts.forEach((host) => Object.assign(host, host["role"] === "worker" ? { cpus: 8 } : {})),
      ),
    [
      "hosts: 3 workers lose 34 % of their CPUs when the largest fails, more than the 30 % kept free",
      "cure: keep 34 % free, or add workers",
    ],
  ],
];

const SILENT: [title: string, config: () => unknown][] = [
  [
    "one zone for the whole site",
    () => edited((config) => config.hosts.forEach((host) => Object.assign(host, { zone: "a" }))),
  ],
  [
    "five members as 2, 2 and 1 over three racks",
    () =>
      placed(
        "rack",
        { "etcd-1": "r1", "etcd-2": "r1", "etcd-3": "r2", "etcd-4": "r2", "etcd-5": "r3" },
        largeConfig(50),
      ),
  ],
  [
    "the largest service network and one that just fits the nodes",
    () => goodConfig({ network: { serviceCidr: "172.16.0.0/12", podCidr: "10.0.0.0/21" } }),
  ],
  [
    "the smallest service network and the largest pod network",
    () => goodConfig({ network: { serviceCidr: "172.16.0.0/28", podCidr: "10.0.0.0/8" } }),
  ],
  [
    "as many nodes as the pod network has room for",
    () =>
      edited(
        (config) => void config.hosts.push(rawHost("worker", 4), rawHost("worker", 5)),
        goodConfig({ network: { podCidr: "10.0.0.0/21" } }),
      ),
  ],
  ["kube-router at 100 nodes", () => largeConfig(97, { network: { cni: "kube-router" } })],
  ["masters of the least size", () => withHost("master-1", { cpus: 4, memoryGiB: 8 })],
  ["workers that lose just the reserve", () => edited((config) => sized(config, [6, 4, 4, 3, 3]))],
  ["workers of which some sizes are unknown", () => withHost("worker-1", { cpus: 64 })],
  ["a VIP in the network of one load balancer", () => withHost("lb-1", { address: "192.168.20.11" })],
  [
    "an external load balancer far away",
    () =>
      without(
        ["lb-1", "lb-2"],
        goodConfig({
          loadBalancer: { mode: "external" },
          endpoint: { address: "172.16.0.9", dnsName: "api.example.com" },
        }),
      ),
  ],
  ["racks of which some are unknown", () => placed("rack", { "master-1": "r1", "master-2": "r1" })],
  [
    "an external load balancer by its name",
    () =>
      without(
        ["lb-1", "lb-2"],
        goodConfig({
          loadBalancer: { mode: "external" },
          endpoint: { address: "api.example.com", dnsName: "api.example.com" },
        }),
      ),
  ],
  ["ECDSA keys on each curve", () => keyed(ecdsaKey("ecdsa-sha2-nistp521", "nistp521", 133))],
  [
    "an advert interval of 0.29 s, no binary fraction",
    () => goodConfig({ loadBalancer: { advertSeconds: 0.29 } }),
  ],
  [
    "a version without upstream sums from a bundle",
    () =>
      goodConfig({
        kubernetesVersion: "1.37.2",
        artifacts: { source: "bundle", baseUrl: "http://192.168.10.5:8080", manifestSha256: "a".repeat(64) },
      }),
  ],
];

describe("warnings", () => {
  for (const [title, config, expected, living] of CASES) {
    it(`warns of ${title}`, () => deepEqual(warningsOf(config(), living ? { builtWith: {} } : {}), expected));
  }

  for (const [title, config] of SILENT) {
    it(`says nothing about ${title}`, () => {
      deepEqual(problemsOf(config()), []);
      deepEqual(warningsOf(config()), []);
    });
  }
});
