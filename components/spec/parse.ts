import { changedSince, type BuiltWith } from "./builtWith";
import { normalizeHostKey } from "./hostKey";
import { ConfigError } from "./problems";
import { DEFAULT_ENCAPSULATION, GIB, LOGS_BUFFER_GIB, PROFILES } from "./profiles";
import type { ClusterConfig, HostConfig } from "./schema";
import { DEFAULT_MYSQL_IMAGES } from "./services";
import { readShape } from "./shape";
import { classesOn } from "./storageClasses";
import type {
  ArtifactSource,
  BackupSpec,
  ClusterSpec,
  HostSpec,
  LogsSpec,
  MonitoringSpec,
  Role,
  S3Spec,
  SamplesSpec,
  SshEndpoint,
  StorageSpec,
} from "./types";
import { validate } from "./validate";
import { versionsFor } from "./versions";

/** What a config is judged against. */
export interface ParseOptions {
  /**
   * What the living cluster was built with, as an earlier run gave it out; `{}` for one of which nothing is known.
   * Counts below the profile's range are then warnings, as a host may be on its way out or in, and a change that
   * `up` can't carry over is a problem.
   *
   * Default: the cluster is about to be created.
   */
  readonly builtWith?: BuiltWith;
}

/** The checked, complete and frozen cluster of a config; throws a ConfigError with every problem at once. */
export function parseCluster(config: unknown, { builtWith }: ParseOptions = {}): ClusterSpec {
  const shape = readShape(config);
  const verdict = validate(shape.draft, builtWith !== undefined);
  const spec = shape.config && complete(shape.config);
  const changed = spec && builtWith ? changedSince(builtWith, spec) : { problems: [], warnings: [] };
  // What the shape could not read looks missing to the rules: said once is enough.
  const said = new Set(shape.problems.map((problem) => problem.path));
  const problems = [
    ...shape.problems,
    ...verdict.problems.filter((problem) => !said.has(problem.path)),
    ...changed.problems,
  ];
  const warnings = [...verdict.warnings, ...changed.warnings];
  if (spec === undefined || problems.length > 0) throw new ConfigError(problems, warnings);
  return deepFreeze({ ...spec, warnings });
}

/** The config with every default; undefined for a version that nobody knows, which is a problem of its own. */
function complete(config: ClusterConfig): Omit<ClusterSpec, "warnings"> | undefined {
  const profile = PROFILES[config.profile];
  const { cni, encapsulation, ...network } = config.network;
  const versions = versionsFor(config.kubernetesVersion);
  if (versions === undefined) return undefined;
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
    storage: storageSpec(config),
    monitoring: monitoringSpec(config),
    logs: logsSpec(config),
    samples: samplesSpec(config),
    ...(config.backup && { backup: backupSpec(config.backup, config.name) }),
    ...(config.ssh.privateKey === undefined ? {} : { sshPrivateKeySecret: config.ssh.privateKey }),
    ignorePreflightErrors: config.ignorePreflightErrors,
    hosts: {
      etcd: byRole("etcd"),
      masters: byRole("master"),
      workers: byRole("worker"),
      loadBalancers: byRole("loadbalancer"),
    },
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

function storageSpec({ storage }: ClusterConfig): StorageSpec {
  const { localPath, ceph, nfs, defaultClass = classesOn(storage)[0] } = storage;
  return {
    localPath,
    ...(ceph === undefined ? {} : { ceph }),
    ...(nfs === undefined ? {} : { nfs }),
    ...(defaultClass === undefined ? {} : { defaultClass }),
  };
}

function monitoringSpec({ profile, monitoring }: ClusterConfig): MonitoringSpec {
  const { monitoring: defaults, masters, workers } = PROFILES[profile];
  const { retentionDays, volumeGiB, ...rest } = monitoring;
  return {
    ...defaults,
    ...rest,
    retentionDays: retentionDays ?? defaults.retentionDays,
    volumeGiB: volumeGiB ?? defaults.volumeGiB,
    maxNodes: masters.max + workers.max,
  };
}

function logsSpec({ profile, logs }: ClusterConfig): LogsSpec {
  const defaults = PROFILES[profile].logs;
  const { retentionDays, volumeGiB, s3, ...rest } = logs;
  return {
    ...defaults,
    ...rest,
    retentionDays: retentionDays ?? defaults.retentionDays,
    volumeGiB: volumeGiB ?? (s3 ? Math.min(defaults.volumeGiB, LOGS_BUFFER_GIB) : defaults.volumeGiB),
    ...(s3 === undefined ? {} : { s3: s3Spec(s3) }),
  };
}

function s3Spec({ url, ...rest }: NonNullable<ClusterConfig["logs"]["s3"]>): S3Spec {
  return { ...rest, ...(url === undefined ? {} : { url: withoutSlash(url) }) };
}

function samplesSpec({ samples }: ClusterConfig): SamplesSpec {
  const { mysql } = samples;
  return { ...samples, mysql: { ...mysql, image: mysql.image ?? DEFAULT_MYSQL_IMAGES[mysql.engine] } };
}

function backupSpec(backup: NonNullable<ClusterConfig["backup"]>, name: string): BackupSpec {
  const { s3, repositoryPasswordSecret, ...rest } = backup;
  const { prefix, caCert, ...bucket } = s3;
  return {
    ...rest,
    s3: {
      ...s3Spec(bucket),
      prefix: prefix ?? name,
      ...(caCert === undefined ? {} : { caCert }),
    },
    ...(repositoryPasswordSecret === undefined ? {} : { repositoryPasswordSecret }),
  };
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
