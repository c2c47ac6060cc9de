import { deepEqual } from "node:assert/strict";
import { edited, goodConfig, problemsOf, withHost } from "./configs";

/** What is wrong, a config that has it, and everything that is printed. */
type Case = [title: string, config: () => unknown, expected: string[]];

const CASES: Case[] = [
  [
    "a missing config",
    () => undefined,
    ["ha-kubernetes:cluster: nothing is given, and it is required", "cure: add it: see docs/config.md"],
  ],
  [
    "a config that is no object",
    () => "cluster",
    [
      'ha-kubernetes:cluster: "cluster" is text where a group of keys is needed',
      "cure: write a group of keys, or delete the key",
    ],
  ],
  [
    "an empty config",
    () => ({}),
    [
      "name: nothing is given, and it is required",
      "cure: add it: Name of the cluster, in kubeconfigs and backups.",
      "profile: nothing is given, and it is required",
      "cure: add it: Size of the cluster, which sets ranges and defaults (see below).",
      "endpoint.address: nothing is given, and it is required",
      "cure: add it: The VIP, a free address beside the load balancers'; with an external load balancer its address or name.",
      "endpoint.dnsName: nothing is given, and it is required",
      "cure: add it: Name in every API server's certificate, which HAProxy and clients verify.",
      "hosts: nothing is given, and it is required",
      "cure: add it: Every host of the cluster; adding or deleting one here is the whole procedure.",
    ],
  ],
  [
    "a YAML boolean where a name is meant",
    () => goodConfig({ name: false }),
    [
      "name: false is a boolean where text is needed",
      'cure: YAML reads a bare y, n, yes, no, on, off, true or false as a boolean: put it in quotes, as in "n"',
    ],
  ],
  [
    "a number where a version is meant",
    () => goodConfig({ kubernetesVersion: 1.36 }),
    ["kubernetesVersion: 1.36 is a number where text is needed", 'cure: put it in quotes: "1.36"'],
  ],
  [
    "a text where a number is meant",
    () => goodConfig({ endpoint: { address: "192.168.10.100", dnsName: "api.example.com", port: "6443" } }),
    ['endpoint.port: "6443" is text where a number is needed', "cure: write it without quotes"],
  ],
  [
    "a fraction where a whole number is meant",
    () => goodConfig({ loadBalancer: { virtualRouterId: 5.5 } }),
    [
      "loadBalancer.virtualRouterId: 5.5 is a fraction where a whole number is needed",
      "cure: write a whole number, or delete the key",
    ],
  ],
  [
    "an empty section",
    () => goodConfig({ network: null }),
    [
      "network: null is empty where a group of keys is needed",
      "cure: write a group of keys, or delete the key",
    ],
  ],
  [
    "a list that is none",
    () => goodConfig({ hosts: "worker-1" }),
    ['hosts: "worker-1" is text where a list is needed', "cure: write a list, or delete the key"],
  ],
  [
    "a host that is no group of keys",
    () => edited((config) => void config.hosts.splice(8, 1, "worker-1" as never)),
    [
      'hosts[8]: "worker-1" is text where a group of keys is needed',
      "cure: write a group of keys, or delete the key",
    ],
  ],
  [
    "an unknown key that is near a known one",
    () => goodConfig({ netwrk: {} }),
    ["netwrk: a group of keys stands at a key that doesn't exist", "cure: did you mean network?"],
  ],
  [
    "an unknown key that is near none",
    () => goodConfig({ datacenter: "x" }),
    [
      'datacenter: "x" stands at a key that doesn\'t exist',
      "cure: delete it, or use one of name, profile, topology, architecture, kubernetesVersion, endpoint, loadBalancer, network, etcd, controlPlane, artifacts, ssh, storage, monitoring, logs, samples, backup, ignorePreflightErrors, hosts",
    ],
  ],
  [
    "a misspelt required key once, not as missing as well",
    () => withHost("master-1", { address: undefined, adress: "192.168.10.101" }),
    ['hosts[2].adress: "192.168.10.101" stands at a key that doesn\'t exist', "cure: did you mean address?"],
  ],
  [
    "a misspelt role",
    () => withHost("master-1", { role: "mastr" }),
    ['hosts[2].role: "mastr" is none of etcd, master, worker, loadbalancer', "cure: did you mean master?"],
  ],
  [
    "a profile that does not exist",
    () => goodConfig({ profile: "tiny" }),
    ['profile: "tiny" is none of small, medium, large', "cure: write one of these"],
  ],
];

describe("shape of the config", () => {
  for (const [title, config, expected] of CASES) {
    it(`refuses ${title}`, () => deepEqual(problemsOf(config()), expected));
  }
});
