import { deepEqual } from "node:assert/strict";
import { goodConfig, placed, problemsOf, withHost, without } from "./configs";
import { exampleHostKey } from "./exampleKeys";

/** What is wrong, a config that has it, and everything that is printed. */
type Case = [title: string, config: () => unknown, expected: string[]];

const ADDRESSES: Case[] = [
  [
    "two hosts of one name",
    () => withHost("worker-2", { name: "worker-1" }),
    ['hosts[9].name: "worker-1" is also the name of hosts[8]', "cure: give each host its own name"],
  ],
  [
    "two hosts of one address",
    () => withHost("master-2", { address: "192.168.10.101" }),
    [
      'hosts[3].address: "192.168.10.101" is also the address of hosts[2]',
      "cure: give each host its own address",
    ],
  ],
  [
    "an API address that is a host's",
    () => goodConfig({ endpoint: { address: "192.168.10.101", dnsName: "api.example.com" } }),
    [
      'endpoint.address: "192.168.10.101" is master-1\'s own address',
      "cure: choose a free address beside the load balancers'",
    ],
  ],
  [
    "an external load balancer that is a host",
    () =>
      without(
        ["lb-1", "lb-2"],
        goodConfig({
          loadBalancer: { mode: "external" },
          endpoint: { address: "192.168.10.101", dnsName: "api.example.com" },
        }),
      ),
    [
      'endpoint.address: "192.168.10.101" is master-1\'s own address',
      "cure: give the load balancer's own address",
    ],
  ],
  [
    "a name where Keepalived needs an address",
    () => goodConfig({ endpoint: { address: "api.example.com", dnsName: "api.example.com" } }),
    [
      'endpoint.address: "api.example.com" is a name, but Keepalived moves an address',
      "cure: write the VIP here and the name in endpoint.dnsName",
    ],
  ],
  [
    "networks that overlap",
    () => goodConfig({ network: { podCidr: "10.96.0.0/16" } }),
    [
      'network.podCidr: "10.96.0.0/16" overlaps network.serviceCidr 10.96.0.0/12',
      "cure: choose two networks apart from each other",
    ],
  ],
  [
    "a network that holds the hosts",
    () => goodConfig({ network: { podCidr: "192.168.0.0/16" } }),
    [
      'network.podCidr: "192.168.0.0/16" holds the API\'s address 192.168.10.100 and 11 more addresses in use',
      "cure: choose a network that nothing outside the cluster uses",
    ],
  ],
  [
    "a network that holds the jump host",
    () =>
      goodConfig({
        network: { serviceCidr: "172.16.0.0/16" },
        ssh: { jump: { address: "172.16.0.9", hostKey: exampleHostKey("jump") } },
      }),
    [
      'network.serviceCidr: "172.16.0.0/16" holds the jump host 172.16.0.9',
      "cure: choose a network that nothing outside the cluster uses",
    ],
  ],
];

const NETWORKS: Case[] = [
  [
    "a service network larger than a /12",
    () => goodConfig({ network: { serviceCidr: "10.0.0.0/11" } }),
    [
      'network.serviceCidr: "10.0.0.0/11" is larger than a /12, which the API server refuses',
      "cure: choose a /12 to a /28",
    ],
  ],
  [
    "a service network of fewer than 10 addresses",
    () => goodConfig({ network: { serviceCidr: "10.96.0.0/29" } }),
    [
      'network.serviceCidr: "10.96.0.0/29" has fewer than 10 addresses, which kubeadm refuses',
      "cure: choose a /12 to a /28",
    ],
  ],
  [
    "a pod network more than 16 bits above the nodes'",
    () => goodConfig({ network: { podCidr: "10.0.0.0/7", serviceCidr: "172.16.0.0/16" } }),
    [
      'network.podCidr: "10.0.0.0/7" is larger than a /8, which kubeadm refuses with a /24 for each node',
      "cure: choose a /8 or smaller",
    ],
  ],
  [
    "a pod network with too little room for the nodes",
    () => goodConfig({ network: { podCidr: "10.244.0.0/22" } }),
    [
      'network.podCidr: "10.244.0.0/22" has room for 4 nodes with a /24 each, and there are 6',
      "cure: choose a /21 or larger",
    ],
  ],
  [
    "a pod network smaller than one node's",
    () => goodConfig({ network: { podCidr: "10.244.0.0/25" } }),
    [
      'network.podCidr: "10.244.0.0/25" has room for 0 nodes with a /24 each, and there are 6',
      "cure: choose a /21 or larger",
    ],
  ],
  [
    "a tunnel that kube-router does not have",
    () => goodConfig({ network: { cni: "kube-router", encapsulation: "VXLAN" } }),
    [
      'network.encapsulation: "VXLAN" is not offered by kube-router',
      "cure: write one of None, IPIP, IPIPCrossSubnet, or leave it out",
    ],
  ],
];

const PLACEMENT: Case[] = [
  [
    "all masters in one rack",
    () => placed("rack", { "master-1": "r1", "master-2": "r1", "master-3": "r1", "worker-1": "r2" }),
    ['hosts: rack "r1" holds all 3 masters: its loss takes the API away', "cure: spread them over r1, r2"],
  ],
  [
    "all etcd members in the only rack",
    () => placed("rack", { "etcd-1": "r1", "etcd-2": "r1", "etcd-3": "r1" }),
    [
      'hosts: rack "r1" holds all 3 etcd members: its loss stops the cluster',
      "cure: spread them over racks; a site with one rack leaves the key out",
    ],
  ],
];

const VERSIONS_AND_ARTIFACTS: Case[] = [
  [
    "a version that is no longer supported",
    () => goodConfig({ kubernetesVersion: "1.28.0" }),
    [
      'kubernetesVersion: "1.28.0" is not a supported version (1.37.2 from a bundle, 1.36.0 to 1.36.4, 1.35.0 to 1.35.8)',
      'cure: write "1.36.4"',
    ],
  ],
  [
    "a patch that does not exist, with the newest of its minor version",
    () => goodConfig({ kubernetesVersion: "1.35.9" }),
    [
      'kubernetesVersion: "1.35.9" is not a supported version (1.37.2 from a bundle, 1.36.0 to 1.36.4, 1.35.0 to 1.35.8)',
      'cure: write "1.35.8"',
    ],
  ],
  [
    "a version with a leading v",
    () => goodConfig({ kubernetesVersion: "v1.36.4" }),
    ['kubernetesVersion: "v1.36.4" begins with "v"', 'cure: write "1.36.4"'],
  ],
  [
    "a version without upstream sums outside of a bundle",
    () => goodConfig({ kubernetesVersion: "1.37.2" }),
    [
      'kubernetesVersion: "1.37.2" has no upstream checksums here, so it can only be installed from a bundle',
      "cure: make a bundle and set artifacts.source to bundle, or choose 1.36.4",
    ],
  ],
  [
    "a mirror without an address",
    () => goodConfig({ artifacts: { source: "mirror" } }),
    [
      "artifacts.baseUrl: nothing is given, but artifacts.source mirror needs it",
      "cure: add the address that hosts fetch from",
    ],
  ],
  [
    "a bundle without address and pin",
    () => goodConfig({ artifacts: { source: "bundle" } }),
    [
      "artifacts.baseUrl: nothing is given, but artifacts.source bundle needs it",
      "cure: add the address that hosts fetch from",
      "artifacts.manifestSha256: nothing is given, but a bundle is pinned by the sha256 of its manifest.txt",
      "cure: sha256sum manifest.txt in the bundle, and write it here",
    ],
  ],
  [
    "an address that upstream does not use",
    () => goodConfig({ artifacts: { baseUrl: "https://mirror.example.com" } }),
    [
      'artifacts.baseUrl: "https://mirror.example.com" is not used with artifacts.source upstream',
      "cure: write source: mirror or bundle, or delete it",
    ],
  ],
  [
    "a pin that a mirror does not use",
    () =>
      goodConfig({
        artifacts: {
          source: "mirror",
          baseUrl: "https://mirror.example.com",
          manifestSha256: "a".repeat(64),
        },
      }),
    [
      'artifacts.manifestSha256: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...aaaaaaaaaaa" is not used with artifacts.source mirror',
      "cure: write source: bundle, or delete it",
    ],
  ],
];

describe("rules about addresses", () => {
  for (const [title, config, expected] of ADDRESSES) {
    it(`refuses ${title}`, () => deepEqual(problemsOf(config()), expected));
  }
});

describe("rules about networks", () => {
  for (const [title, config, expected] of NETWORKS) {
    it(`refuses ${title}`, () => deepEqual(problemsOf(config()), expected));
  }
});

describe("rules about placement", () => {
  for (const [title, config, expected] of PLACEMENT) {
    it(`refuses ${title}`, () => deepEqual(problemsOf(config()), expected));
  }
});

describe("rules about versions and artifacts", () => {
  for (const [title, config, expected] of VERSIONS_AND_ARTIFACTS) {
    it(`refuses ${title}`, () => deepEqual(problemsOf(config()), expected));
  }
});
