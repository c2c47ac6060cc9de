import * as pulumi from "@pulumi/pulumi";
import { BACKUP_NAMESPACE } from "../backup/names";
import type { ControlPlane } from "../controlplane/controlPlane";
import { MONITORING_NAMESPACE } from "../monitoring/names";
import { fingerprint } from "../objects/fingerprint";
import { artifactManifest, CHECK_IMAGE } from "../spec/artifacts";
import { pageSamples } from "../spec/services";
import { databaseClass } from "../spec/storageClasses";
import type { ClusterSpec, Cni, StorageSpec } from "../spec/types";
import { CEPH_NAMESPACE, LOCAL_PATH_NAMESPACE, NFS_NAMESPACE } from "../storage";

/** Arguments of {@link ClusterChecks}. */
export interface ClusterChecksArgs {
  /** The checked cluster: what must be found. */
  cluster: ClusterSpec;
  /** The control plane, on one of whose masters the checks run. */
  controlPlane: ControlPlane;
  /** What must stand before: nodes, network and services. */
  after: pulumi.Resource[];
}

/** Namespaces of the network's pods; Calico's operator makes its last one. */
const NETWORK_NAMESPACES: Record<Cni, readonly string[]> = {
  "kube-router": ["kube-system"],
  calico: ["kube-system", "tigera-operator", "calico-system"],
};

function namespaces({ network, storage, monitoring, logs, backup, samples }: ClusterSpec): string[] {
  return [
    ...NETWORK_NAMESPACES[network.cni],
    ...(storage.localPath.enabled ? [LOCAL_PATH_NAMESPACE] : []),
    ...(storage.ceph ? [CEPH_NAMESPACE] : []),
    ...(storage.nfs ? [NFS_NAMESPACE] : []),
    ...(monitoring.enabled || logs.enabled ? [MONITORING_NAMESPACE] : []),
    ...(backup ? [BACKUP_NAMESPACE] : []),
    // Not the database: it is promoted just when one of its hosts is dead.
    ...pageSamples(samples),
  ];
}

/** The class of which a volume is tried: the default one, but for NFS, where each try would leave an archived folder. */
function triedClass(storage: StorageSpec): { class: string; retains?: string } {
  const { defaultClass = "" } = storage;
  const tried = defaultClass === "nfs-client" ? (databaseClass(storage) ?? "") : defaultClass;
  const retains = storage.ceph !== undefined && (tried === "ceph-rbd-ssd" || tried === "fast-ssd");
  return { class: tried, ...(retains && { retains: "yes" }) };
}

/** Looks at the finished cluster as an operator would; runs again only when the topology, a version or a service changed. */
export class ClusterChecks extends pulumi.ComponentResource {
  /** The findings, one a line, as `parseFindings` reads them. */
  readonly findings: pulumi.Output<string>;

  constructor(name: string, args: ClusterChecksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:ClusterChecks", name, {}, opts);
    const { cluster } = args;
    const [host] = args.controlPlane.hosts.values();
    if (!host) throw new Error("a cluster without masters can't be checked");
    const { storage, monitoring, logs, backup, samples, artifacts } = cluster;
    const { images } = artifactManifest(cluster);
    const { masters, workers, etcd } = cluster.hosts;
    const members = cluster.topology === "external" ? etcd : masters;
    const check = host.step(
      {
        phase: "check",
        parameters: {
          nodes: [...masters, ...workers].map((node) => node.name).join(","),
          version: cluster.versions.kubernetes,
          endpoint: `${cluster.endpoint.address}:${cluster.endpoint.port}`,
          etcd: members.map((member) => member.address).join(","),
          domain: cluster.network.dnsDomain,
          namespaces: namespaces(cluster).join(","),
          metrics: cluster.monitoring.metricsServer ? "yes" : "no",
          ...triedClass(cluster.storage),
          image: CHECK_IMAGE,
          services: fingerprint([
            storage,
            monitoring,
            logs,
            backup,
            images,
            pageSamples(samples),
            samples.nginxImage,
          ]),
          // A StatefulSet changes its pods one after the other, on a busy host a minute each; images that have yet to be pulled on
          // every node take longer.
          deadline: artifacts.kind === "bundle" ? "300" : "600",
        },
      },
      { parent: this, dependsOn: args.after },
    );
    this.findings = check.stdout;
    this.registerOutputs();
  }
}
