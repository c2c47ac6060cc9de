import { parseCluster, type ParseOptions } from "../../../components/spec/parse";
import { ConfigError } from "../../../components/spec/problems";
import type { Problem, Role } from "../../../components/spec/types";
import { hostKeyOf } from "./hostKeys";

/** A host as an operator writes it, with any mistake a test wants. */
export type RawHost = Record<string, unknown>;

/** A config as an operator writes it, with any mistake a test wants. */
export type RawConfig = Record<string, unknown> & { hosts: RawHost[] };

/** First number of the last octet of each role's example addresses. */
const FIRST: Record<Role, number> = { loadbalancer: 11, master: 101, worker: 111, etcd: 201 };

const PREFIX: Record<Role, string> = { loadbalancer: "lb", master: "master", worker: "worker", etcd: "etcd" };

/** The n-th example host of a role, from 1 on; workers beyond the 90th spill into the next networks. */
export function rawHost(role: Role, n: number, more: RawHost = {}): RawHost {
  const last = FIRST[role] + n - 1;
  const address =
    last <= 200 || role !== "worker"
      ? `192.168.10.${last}`
      : `192.168.${11 + Math.floor(n / 250)}.${(n % 250) + 1}`;
  const name = `${PREFIX[role]}-${n}`;
  return { name, address, role, ssh: { hostKey: hostKeyOf(name) }, ...more };
}

/** So many hosts of a role. */
export function rawHosts(role: Role, count: number, more: (n: number) => RawHost = () => ({})): RawHost[] {
  return Array.from({ length: count }, (_, i) => rawHost(role, i + 1, more(i + 1)));
}

/** A config without a fault: small, external etcd. */
export function goodConfig(more: Record<string, unknown> = {}): RawConfig {
  return {
    name: "test",
    profile: "small",
    topology: "external",
    endpoint: { address: "192.168.10.100", dnsName: "k8s-api.example.com" },
    hosts: [
      ...rawHosts("loadbalancer", 2),
      ...rawHosts("master", 3),
      ...rawHosts("etcd", 3),
      ...rawHosts("worker", 3),
    ],
    ...more,
  };
}

/** A config without a fault: large, spread over racks where `more` says so. */
export function largeConfig(workers: number, more: Record<string, unknown> = {}): RawConfig {
  return goodConfig({
    profile: "large",
    hosts: [
      ...rawHosts("loadbalancer", 2),
      ...rawHosts("master", 3),
      ...rawHosts("etcd", 5),
      ...rawHosts("worker", workers),
    ],
    ...more,
  });
}

/** A config with another host key for the first master. */
export function keyed(hostKey: string): RawConfig {
  return withHost("master-1", { ssh: { hostKey } });
}

/** A config with an even number of etcd members within its profile's range. */
export function fourMembers(): RawConfig {
  const hosts = [...rawHosts("master", 3), ...rawHosts("etcd", 4), ...rawHosts("worker", 10)];
  return goodConfig({ profile: "medium", hosts: [...rawHosts("loadbalancer", 2), ...hosts] });
}

/** Storage of a Ceph cluster and an NFS server, without a fault. */
export const STORAGE_OUTSIDE = {
  ceph: {
    clusterId: "b9127830-b0cc-4e34-aa47-9d1a2e9949a8",
    monitors: ["192.168.10.51:6789", "192.168.10.52:6789", "192.168.10.53:6789"],
    pool: "kubernetes",
    keySecret: "cephKey",
  },
  nfs: { server: "192.168.10.60", share: "/srv/kubernetes" },
};

/** What must never be printed. */
export const PRIVATE_KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----";

/** Gives the config workers with so many CPUs each. */
export function sized(config: RawConfig, cpus: readonly number[]): void {
  config.hosts = config.hosts.filter((host) => host["role"] !== "worker");
  config.hosts.push(...cpus.map((count, i) => rawHost("worker", i + 1, { cpus: count })));
}

/** The same config after a change by hand. */
export function edited(change: (config: RawConfig) => void, config: RawConfig = goodConfig()): RawConfig {
  change(config);
  return config;
}

/** The config with the host of that name changed. */
export function withHost(name: string, change: RawHost, config: RawConfig = goodConfig()): RawConfig {
  return {
    ...config,
    hosts: config.hosts.map((host) => (host["name"] === name ? { ...host, ...change } : host)),
  };
}

/** The config without the hosts of these names. */
export function without(names: readonly string[], config: RawConfig = goodConfig()): RawConfig {
  return { ...config, hosts: config.hosts.filter((host) => !names.includes(String(host["name"]))) };
}

/** The config with a rack or zone given to hosts by their names. */
export function placed(
  key: "rack" | "zone",
  places: Record<string, string>,
  config: RawConfig = goodConfig(),
): RawConfig {
  return Object.entries(places).reduce(
    (last, [name, place]) => withHost(name, { [key]: place }, last),
    config,
  );
}

/** Everything that parsing says, printed as "path: value message" and "cure: ..." lines. */
export function problemsOf(config: unknown, options?: ParseOptions): string[] {
  try {
    parseCluster(config, options);
  } catch (error) {
    if (error instanceof ConfigError) return lines(error.problems);
    throw error;
  }
  return [];
}

/** Every warning, printed the same way, of a config that parses. */
export function warningsOf(config: unknown, options?: ParseOptions): string[] {
  return lines(parseCluster(config, options).warnings);
}

function lines(problems: readonly Problem[]): string[] {
  return problems.flatMap((p) => [`${p.path}: ${p.value} ${p.message}`, `cure: ${p.cure}`]);
}
