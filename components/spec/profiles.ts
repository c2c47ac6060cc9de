import type {
  Cni,
  ControlPlaneSpec,
  EtcdSpec,
  LogsSpec,
  MonitoringSpec,
  NetworkSpec,
  NodeSpec,
  ProfileName,
  ProxyMode,
  Topology,
} from "./types";

/** A count that a profile accepts, both ends included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** One complete set of defaults for a range of cluster sizes. */
export interface Profile {
  readonly masters: Range;
  readonly workers: Range;
  /** Members of etcd; with stacked topology they are the masters. */
  readonly etcdMembers: Range;
  /** Allowed topologies, the default one first. */
  readonly topologies: readonly [Topology, ...Topology[]];
  /** Workers that may fail at once while the rest carries the load (N+1, N+2). */
  readonly redundancy: number;
  readonly etcd: EtcdSpec;
  readonly controlPlane: Omit<ControlPlaneSpec, "extraSans">;
  readonly network: Pick<NetworkSpec, "nodeCidrMaskSize" | "typha">;
  readonly node: NodeSpec;
  readonly monitoring: Pick<
    MonitoringSpec,
    "scrapeIntervalSeconds" | "retentionDays" | "volumeGiB" | "memoryGiB"
  >;
  readonly logs: Pick<LogsSpec, "retentionDays" | "volumeGiB" | "memoryGiB">;
}

/** Bytes in a GiB. */
export const GIB = 2 ** 30;

/** Pod network of the examples in Kubernetes' own docs (Flannel's default): 65536 addresses. */
export const DEFAULT_POD_CIDR = "10.244.0.0/16";

/** kubeadm's own default, and the largest the API server accepts (kubeadm constants.go, MaximumBitsForServiceSubnet 20). */
export const DEFAULT_SERVICE_CIDR = "10.96.0.0/12";

/** kube-proxy's own default; nftables wants kernel 5.13 (pkg/util/kernel) and Calico's nftables dataplane. */
export const DEFAULT_PROXY_MODE: ProxyMode = "iptables";

/**
 * How pods of different nodes reach each other.
 *
 * Calico: VXLAN between subnets only, without BGP, whose full mesh is tested to 100 nodes (kops#6047).
 * kube-router: its own default, IP-in-IP between subnets only (its docs/user-guide.md, --overlay-type).
 */
export const DEFAULT_ENCAPSULATION: Record<Cni, NetworkSpec["encapsulation"]> = {
  calico: "VXLANCrossSubnet",
  "kube-router": "IPIPCrossSubnet",
};

/** Folder of local volumes: where Linux keeps the data of programs (FHS 3.0, 5.8), and no other program's own. */
export const DEFAULT_LOCAL_PATH = "/var/lib/local-path";

/** Ceph user of volumes, as in Ceph's own docs (docs.ceph.com, rbd-kubernetes). */
export const DEFAULT_CEPH_USER = "kubernetes";

/**
 * Mount options of NFS volumes: version 4.1 needs one port (2049) and no daemon for locks, and holds locks over a restart of
 * the server (RFC 8881); without it client and server may agree on version 3.
 */
export const DEFAULT_NFS_OPTIONS: readonly string[] = ["nfsvers=4.1"];

/** Settings of etcd, the same for all sizes: what differs between sites is the disk, not the number of nodes. */
const ETCD: EtcdSpec = {
  // etcd.io/docs tuning: the default, and right where members are a few milliseconds apart.
  heartbeatMs: 100,
  // etcd.io/docs tuning: at least ten times the round trip; a new leader within about twice this time.
  electionMs: 1000,
  // etcd 3.6's own default (etcdserver/server.go, DefaultSnapshotCount); 3.5 kept ten times as many entries in memory.
  snapshotCount: 10_000,
  // The largest that etcd advises (storage/quota.go, MaxQuotaBytes); its default is 2 GiB.
  quotaBytes: 8 * GIB,
  // etcd.io/docs FAQ "What does apply warning mean": p99 of wal_fsync below 10 ms.
  fsyncP99Ms: 10,
};

/** Part of a Prometheus' volume that samples may fill; the rest is for the write-ahead log and a compaction under way. */
export const SAMPLES_FILL = 0.8;

/** Prometheus' own default (its docs, storage); volumes and memory below are for that at the profile's largest size. */
const RETENTION = { retentionDays: 15 };

/** Two weeks: an incident is looked into within days. The volumes hold a node's 500 MiB of lines a day packed to a tenth, twice. */
const LOG_RETENTION = { retentionDays: 14 };

/** Kubelet's own default (kubelet config v1beta1 defaults.go), the number Kubernetes is tested with (kubernetes.io, cluster-large). */
const MAX_PODS = 110;

/** The default since Kubernetes 1.32 (nodelifecycle defaults.go, kubernetes#127352): five missed reports of 10 s each. */
const NODE_GRACE_SECONDS = 50;

/** Ranges (requirements R1) and defaults of each profile; what is equal in all of them is decided, not tuned. */
export const PROFILES: Record<ProfileName, Profile> = {
  small: {
    masters: { min: 3, max: 3 },
    workers: { min: 3, max: 10 },
    etcdMembers: { min: 3, max: 3 },
    topologies: ["stacked", "external"],
    redundancy: 1,
    etcd: ETCD,
    controlPlane: {
      // The API server's own defaults (apiserver server/config.go); upstream raises them above 500 nodes only.
      maxRequestsInflight: 400,
      maxMutatingRequestsInflight: 200,
      nodeMonitorGraceSeconds: NODE_GRACE_SECONDS,
      // Few workers carry everything, so a dead one is given up after a minute; upstream's 300 s is for large fleets.
      podEvictionSeconds: 60,
    },
    // 256 nodes of 254 addresses (kube-controller-manager's default mask).
    // Typha: what Calico's operator runs on 5 to 399 nodes (tigera/operator pkg/common/autoscale.go).
    network: { nodeCidrMaskSize: 24, typha: 3 },
    // All at once: 10 joins are far from the 300 at which the API gave up (kubeadm#3181).
    node: { maxPods: MAX_PODS, joinConcurrency: 10 },
    // An alert with "for: 1m" sees four samples, and at this size they cost nothing.
    monitoring: { scrapeIntervalSeconds: 15, ...RETENTION, volumeGiB: 40, memoryGiB: 2 },
    logs: { ...LOG_RETENTION, volumeGiB: 20, memoryGiB: 1 },
  },
  medium: {
    masters: { min: 3, max: 3 },
    workers: { min: 10, max: 50 },
    etcdMembers: { min: 3, max: 5 },
    topologies: ["stacked", "external"],
    redundancy: 1,
    etcd: ETCD,
    controlPlane: {
      // As small: upstream raises them above 500 nodes only.
      maxRequestsInflight: 400,
      maxMutatingRequestsInflight: 200,
      nodeMonitorGraceSeconds: NODE_GRACE_SECONDS,
      // Between the haste of small and upstream's 300 s: a rebooting worker is back within two minutes.
      podEvictionSeconds: 120,
    },
    // As small.
    network: { nodeCidrMaskSize: 24, typha: 3 },
    // k0sctl's figure for hosts at once is 30 (cmd/flags.go); images come from one place, so somewhat fewer.
    node: { maxPods: MAX_PODS, joinConcurrency: 20 },
    // An alert with "for: 1m" sees two samples (kube-prometheus' own default is 30 s too).
    monitoring: { scrapeIntervalSeconds: 30, ...RETENTION, volumeGiB: 60, memoryGiB: 6 },
    logs: { ...LOG_RETENTION, volumeGiB: 80, memoryGiB: 4 },
  },
  large: {
    masters: { min: 3, max: 5 },
    workers: { min: 50, max: 500 },
    etcdMembers: { min: 5, max: 5 },
    topologies: ["external"],
    redundancy: 2,
    etcd: ETCD,
    controlPlane: {
      // Upstream's own step above 500 nodes, which 500 workers and 5 masters are (cluster/gce/gci/configure-kubeapiserver.sh).
      maxRequestsInflight: 1500,
      maxMutatingRequestsInflight: 500,
      nodeMonitorGraceSeconds: NODE_GRACE_SECONDS,
      // Upstream's own (DefaultTolerationSeconds): with hundreds of workers a broken switch must not move everything.
      podEvictionSeconds: 300,
    },
    // 512 nodes of 126 addresses: 505 nodes fit the default pod network, and 110 pods fit a node.
    // Typha: what the operator runs on 400 to 599 nodes.
    network: { nodeCidrMaskSize: 25, typha: 4 },
    // Bounded, as 300 joins at once fail at the API (kubeadm#3181); 500 workers are 13 rounds.
    node: { maxPods: MAX_PODS, joinConcurrency: 40 },
    // Half the samples of 30 s, which at 505 nodes are most of Prometheus' work; an alert with "for: 1m" still sees two.
    monitoring: { scrapeIntervalSeconds: 60, ...RETENTION, volumeGiB: 250, memoryGiB: 32 },
    logs: { ...LOG_RETENTION, volumeGiB: 700, memoryGiB: 16 },
  },
};

/**
 * GiB on the volume of a Loki whose lines go to a bucket: what is not there yet, at most two hours (its max_chunk_age) of the large
 * profile's 50 GiB a day, unpacked (five times as much) in its write-ahead log, twice.
 *
 * @see https://grafana.com/docs/loki/latest/configure/#ingester
 */
export const LOGS_BUFFER_GIB = 50;

/** Names of all profiles, smallest first. */
export const PROFILE_NAMES = ["small", "medium", "large"] as const satisfies readonly ProfileName[];
