import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseCluster } from "../../../components/spec/parse";
import type { ClusterSpec, HostSpec } from "../../../components/spec/types";
import { exampleHostKey } from "./exampleKeys";

/** Committed stacks: file, name, profile, topology, and numbers of load balancers, masters, etcd hosts and workers. */
const STACKS = [
  ["Pulumi.dev.yaml", "dev", "small", "external", [2, 3, 3, 3]],
  ["Pulumi.prod.yaml", "prod", "large", "external", [2, 3, 5, 50]],
  ["examples/stacks/Pulumi.medium.yaml", "medium", "medium", "stacked", [2, 3, 0, 12]],
  ["examples/stacks/Pulumi.small-stacked.yaml", "small-stacked", "small", "stacked", [2, 3, 0, 3]],
] as const;

const ROOT = join(__dirname, "..", "..", "..");

function read(file: string): ClusterSpec {
  const stack = parse(readFileSync(join(ROOT, file), "utf8")) as { config: Record<string, unknown> };
  deepEqual(Object.keys(stack), ["config"]);
  return parseCluster(stack.config["ha-kubernetes:cluster"]);
}

function allHosts({ hosts }: ClusterSpec): HostSpec[] {
  return [...hosts.loadBalancers, ...hosts.masters, ...hosts.etcd, ...hosts.workers];
}

for (const [file, name, profile, topology, counts] of STACKS) {
  describe(`example stack ${file}`, () => {
    it("is valid as committed, without a warning", () => {
      const spec = read(file);
      const { loadBalancers, masters, etcd, workers } = spec.hosts;
      deepEqual([spec.name, spec.profile, spec.topology], [name, profile, topology]);
      deepEqual(
        [loadBalancers, masters, etcd, workers].map((list) => list.length),
        counts,
      );
      deepEqual(spec.warnings, []);
    });

    it("pins host keys whose private halves nobody holds", () => {
      const spec = read(file);
      for (const host of allHosts(spec)) {
        equal(host.ssh.hostKey, exampleHostKey(`${name} ${host.name}`));
        if (host.ssh.jump !== undefined) equal(host.ssh.jump.hostKey, exampleHostKey(`${name} jump`));
      }
    });

    it("keeps little of the logs on volumes where a bucket has them", () => {
      const { volumeGiB, s3 } = read(file).logs;
      equal(volumeGiB, { small: 20, medium: 80, large: s3 === undefined ? 700 : 50 }[profile]);
    });

    it("uses the example addresses", () => {
      const spec = read(file);
      equal(spec.endpoint.address, "192.168.10.100");
      equal(spec.endpoint.dnsName, "k8s-api.example.com");
      equal(spec.network.serviceCidr, "10.96.0.0/12");
      equal(spec.network.podCidr, "10.244.0.0/16");
      deepEqual(
        spec.hosts.masters.map((host) => host.address),
        ["192.168.10.101", "192.168.10.102", "192.168.10.103"],
      );
      equal(spec.hosts.etcd[0]?.address ?? "192.168.10.201", "192.168.10.201");
    });
  });
}
