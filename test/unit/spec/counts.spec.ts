import { deepEqual } from "node:assert/strict";
import {
  edited,
  fourMembers,
  goodConfig,
  largeConfig,
  problemsOf,
  rawHost,
  rawHosts,
  without,
} from "./configs";

/** What is wrong, a config that has it, and everything that is printed. */
type Case = [title: string, config: () => unknown, expected: string[]];

const CASES: Case[] = [
  [
    "too few masters",
    () => without(["master-3"]),
    ["hosts: 2 masters where profile small has 3", "cure: add 1 master"],
  ],
  [
    "too few workers",
    () => without(["worker-3"]),
    ["hosts: 2 workers where profile small has 3 to 10", "cure: add 1 worker"],
  ],
  [
    "too few masters of a stacked cluster, once",
    () => without(["master-3", "etcd-1", "etcd-2", "etcd-3"], goodConfig({ topology: "stacked" })),
    ["hosts: 2 masters where profile small has 3", "cure: add 1 master"],
  ],
  [
    "too many workers, with the profile that takes them",
    () => edited((config) => void config.hosts.push(...rawHosts("worker", 11).slice(3))),
    ["hosts: 11 workers where profile small has 3 to 10", "cure: delete 1 worker, or write profile: medium"],
  ],
  [
    "too many masters",
    () => edited((config) => void config.hosts.push(...rawHosts("master", 5).slice(3))),
    ["hosts: 5 masters where profile small has 3", "cure: delete 2 masters"],
  ],
  [
    "more workers than any profile takes",
    () => largeConfig(501),
    ["hosts: 501 workers where profile large has 50 to 500", "cure: delete 1 worker"],
  ],
  [
    "fewer workers than large has, with the profile that takes them",
    () => edited((config) => void config.hosts.splice(-1), largeConfig(50)),
    ["hosts: 49 workers where profile large has 50 to 500", "cure: add 1 worker, or write profile: medium"],
  ],
  [
    "an even number of etcd members",
    () => fourMembers(),
    [
      "hosts: 4 etcd members are an even number: the quorum is 3, so they survive the loss of 1, as 3 do",
      "cure: use 3 or 5",
    ],
  ],
  [
    "a topology that the profile does not offer",
    () => largeConfig(50, { topology: "stacked" }),
    ['topology: "stacked" is not offered by profile large', "cure: write external"],
  ],
  [
    "stacked topology with hosts for etcd",
    () => goodConfig({ topology: "stacked" }),
    [
      "hosts: 3 hosts with role etcd, but stacked topology runs etcd on the masters",
      "cure: delete them, or write topology: external",
    ],
  ],
  [
    "external topology without hosts for etcd",
    () => without(["etcd-1", "etcd-2", "etcd-3"]),
    ["hosts: 0 etcd members where profile small has 3", "cure: add 3 etcd members"],
  ],
  [
    "one load balancer",
    () => without(["lb-2"]),
    [
      "hosts: 1 load balancer where loadBalancer.mode haproxy has a pair of 2",
      "cure: add 1, or write loadBalancer.mode: external for one that you already have",
    ],
  ],
  [
    "no load balancer",
    () => without(["lb-1", "lb-2"]),
    [
      "hosts: 0 load balancers where loadBalancer.mode haproxy has a pair of 2",
      "cure: add 2, or write loadBalancer.mode: external for one that you already have",
    ],
  ],
  [
    "three load balancers",
    () => edited((config) => void config.hosts.push(rawHost("loadbalancer", 3))),
    ["hosts: 3 load balancers where loadBalancer.mode haproxy has a pair of 2", "cure: delete 1"],
  ],
  [
    "load balancers of ours beside an external one",
    () => goodConfig({ loadBalancer: { mode: "external" } }),
    [
      "hosts: 2 load balancers although loadBalancer.mode is external",
      "cure: delete these hosts, or write loadBalancer.mode: haproxy",
    ],
  ],
];

describe("rules about counts", () => {
  for (const [title, config, expected] of CASES) {
    it(`refuses ${title}`, () => deepEqual(problemsOf(config()), expected));
  }
});
