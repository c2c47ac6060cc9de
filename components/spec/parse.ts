import { normalizeHostKey } from "./hostKey";
import { ConfigError } from "./problems";
import { DEFAULT_ENCAPSULATION, GIB, PROFILES } from "./profiles";
import type { ClusterConfig, HostConfig } from "./schema";
import { readShape } from "./shape";
import type { ArtifactSource, ClusterSpec, HostSpec, Problem, Role, SshEndpoint } from "./types";
import { validate } from "./validate";
import { versionsFor } from "./versions";

/** How strictly a config is judged. */
export interface ParseOptions {
  /**
   * The cluster is living: counts below the profile's range are warnings, as a host may be on its way out or in.
   *
   * Default: false, the cluster is about to be created.
   */
  readonly existing?: boolean;
}

/** The checked, complete and frozen cluster of a config; throws a ConfigError with every problem at once. */
export function parseCluster(config: unknown, options: ParseOptions = {}): ClusterSpec {
  const shape = readShape(config);
  const verdict = validate(shape.draft, options.existing ?? false);
  // What the shape could not read looks missing to the rules: said once is enough.
  const said = new Set(shape.problems.map((problem) => problem.path));
  const problems = [...shape.problems, ...verdict.problems.filter((problem) => !said.has(problem.path))];
  if (shape.config === undefined || problems.length > 0) throw new ConfigError(problems, verdict.warnings);
  return deepFreeze(complete(shape.config, verdict.warnings));
}

function complete(config: ClusterConfig, warnings: readonly Problem[]): ClusterSpec {
  const profile = PROFILES[config.profile];
  const { cni, encapsulation, ...network } = config.network;
  const versions = versionsFor(config.kubernetesVersion);
  if (versions === undefined)
    throw new Error(`versions.ts knows no components for ${config.kubernetesVersion}`);
  const byRole = (role: Role) =>
    config.hosts.filter((host) => host.role === role).map((host) => hostSpec(host, config));
  return {
    name: config.name,
    profile: config.profile,
    topology: config.topology ?? profile.topologies[0],
    architecture: config.architecture,
    versions,
    artifacts: artifactSource(config),
    endpoint: config.endpoint,
    loadBalancer: config.loadBalancer,
    network: {
      ...network,
      ...profile.network,
      cni,
      encapsulation: encapsulation ?? DEFAULT_ENCAPSULATION[cni],
    },
    etcd: {
      ...profile.etcd,
      quotaBytes: config.etcd.quotaGiB === undefined ? profile.etcd.quotaBytes : config.etcd.quotaGiB * GIB,
      fsyncP99Ms: config.etcd.fsyncP99Ms ?? profile.etcd.fsyncP99Ms,
    },
    controlPlane: { ...profile.controlPlane, extraSans: config.controlPlane.extraSans },
    node: { ...profile.node },
    monitoring: { ...profile.monitoring },
    ...(config.ssh.privateKey === undefined ? {} : { sshPrivateKeySecret: config.ssh.privateKey }),
    ignorePreflightErrors: config.ignorePreflightErrors,
    hosts: {
      etcd: byRole("etcd"),
      masters: byRole("master"),
      workers: byRole("worker"),
      loadBalancers: byRole("loadbalancer"),
    },
    warnings,
  };
}

function hostSpec(host: HostConfig, config: ClusterConfig): HostSpec {
  const { name, address, role, rack, zone, ssh } = host;
  const user = ssh.user ?? config.ssh.user;
  const jump = ssh.jump ?? config.ssh.jump;
  const endpoint: SshEndpoint = {
    address,
    port: ssh.port ?? config.ssh.port,
    user,
    hostKey: normalizeHostKey(ssh.hostKey),
  };
  return {
    name,
    address,
    role,
    ...(rack === undefined ? {} : { rack }),
    ...(zone === undefined ? {} : { zone }),
    ssh: jump === undefined ? endpoint : { ...endpoint, jump: jumpEndpoint(jump, config) },
  };
}

function jumpEndpoint(jump: NonNullable<ClusterConfig["ssh"]["jump"]>, config: ClusterConfig): SshEndpoint {
  return { ...jump, user: jump.user ?? config.ssh.user, hostKey: normalizeHostKey(jump.hostKey) };
}

function artifactSource({ artifacts }: ClusterConfig): ArtifactSource {
  const { source, baseUrl, manifestSha256, registryMirror } = artifacts;
  return {
    kind: source,
    ...(baseUrl === undefined ? {} : { baseUrl: withoutSlash(baseUrl) }),
    ...(manifestSha256 === undefined ? {} : { manifestSha256 }),
    ...(registryMirror === undefined ? {} : { registryMirror: withoutSlash(registryMirror) }),
  };
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, "");
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
