/**
 * The checked, complete and immutable description of one cluster.
 *
 * Everything here is plain data: no Pulumi types, no Outputs, no functions.
 * `parseCluster` (parse.ts) makes it from the config of a stack, every default filled in.
 */

import type { BackupSpec, LogsSpec, MonitoringSpec, SamplesSpec, StorageSpec } from "./serviceTypes";

export type * from "./serviceTypes";

/** What a host is for; one host has one role. */
export type Role = "etcd" | "master" | "worker" | "loadbalancer";

/** Where etcd runs: on the masters, or on hosts of its own. */
export type Topology = "stacked" | "external";

/** Named, checked sets of defaults for a range of cluster sizes. */
export type ProfileName = "small" | "medium" | "large";

/** Pod network that is installed. */
export type Cni = "calico" | "kube-router";

/** How kube-proxy programs Services. */
export type ProxyMode = "iptables" | "ipvs" | "nftables";

/** CPU architecture of all hosts of a cluster, in the words of upstream's file names. */
export type Architecture = "amd64" | "arm64";

/** How one machine is reached by ssh. */
export interface SshEndpoint {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Public host key as in known_hosts without the names ("ssh-ed25519 AAAA..."); always pinned. */
  readonly hostKey: string;
}

/** One host and how it is reached. */
export interface HostSpec {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
  readonly rack?: string;
  readonly zone?: string;
  readonly ssh: SshEndpoint & { readonly jump?: SshEndpoint };
}

/** Exact versions of everything that is installed, without a leading "v". */
export interface Versions {
  readonly kubernetes: string;
  readonly etcd: string;
  readonly containerd: string;
  readonly runc: string;
  readonly cniPlugins: string;
  readonly coredns: string;
  readonly pause: string;
  readonly calico: string;
  readonly kubeRouter: string;
}

/** Where hosts fetch binaries and images, and what pins them. */
export interface ArtifactSource {
  /** `upstream`: the projects' own addresses; `mirror`: the same paths below `baseUrl`, pinned by our sums; `bundle`: the same paths below `baseUrl`, pinned by the bundle's own manifest. */
  readonly kind: "upstream" | "mirror" | "bundle";
  /** Address without a trailing slash; required for `mirror` and `bundle`. */
  readonly baseUrl?: string;
  /** sha256 of the bundle's manifest.txt: the one pin of a bundle. */
  readonly manifestSha256?: string;
  /** Registry that mirrors every image registry (containerd hosts.toml), e.g. "https://registry.example.com"; none by default. */
  readonly registryMirror?: string;
}

/** The address through which everything reaches the API. */
export interface EndpointSpec {
  /** The VIP, or the address or name of an external load balancer. */
  readonly address: string;
  /** Name in every API server's certificate; HAProxy verifies it (it can't verify an address). */
  readonly dnsName: string;
  readonly port: number;
}

/** The pair of load balancers, or none of ours. */
export interface LoadBalancerSpec {
  readonly mode: "haproxy" | "external";
  /** VRRP virtual router id, 1-255, unique on the layer-2 network. */
  readonly virtualRouterId: number;
  /** Seconds between VRRP adverts; a peer is dead after three and a bit. */
  readonly advertSeconds: number;
  /** Stay where the VIP is after the preferred host returned. */
  readonly nopreempt: boolean;
}

/** Addresses and CNI of the pod and service networks. */
export interface NetworkSpec {
  readonly cni: Cni;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly dnsDomain: string;
  readonly nodeCidrMaskSize: number;
  readonly proxyMode: ProxyMode;
  /** Calico's encapsulation between nodes. */
  readonly encapsulation: "None" | "VXLAN" | "VXLANCrossSubnet" | "IPIP" | "IPIPCrossSubnet";
  /** Number of Typha replicas the profile counts with; Calico's operator scales it itself. */
  readonly typha: number;
}

/** etcd settings, the same for every member. */
export interface EtcdSpec {
  readonly heartbeatMs: number;
  readonly electionMs: number;
  readonly snapshotCount: number;
  readonly quotaBytes: number;
  /** Longest accepted p99 of an fsync on the data disk, in milliseconds. */
  readonly fsyncP99Ms: number;
}

/** API server and controller settings. */
export interface ControlPlaneSpec {
  readonly maxRequestsInflight: number;
  readonly maxMutatingRequestsInflight: number;
  /** Names and addresses in the API servers' certificates beside the VIP, the DNS name and the masters. */
  readonly extraSans: readonly string[];
  /** Seconds without a status after which a node is NotReady. */
  readonly nodeMonitorGraceSeconds: number;
  /** Seconds a pod tolerates a NotReady or unreachable node. */
  readonly podEvictionSeconds: number;
}

/** Settings of the nodes. */
export interface NodeSpec {
  readonly maxPods: number;
  /** Workers that join at the same time. */
  readonly joinConcurrency: number;
}

/** One complete, checked cluster. */
export interface ClusterSpec {
  readonly name: string;
  readonly profile: ProfileName;
  readonly topology: Topology;
  readonly architecture: Architecture;
  readonly versions: Versions;
  readonly artifacts: ArtifactSource;
  readonly endpoint: EndpointSpec;
  readonly loadBalancer: LoadBalancerSpec;
  readonly network: NetworkSpec;
  readonly etcd: EtcdSpec;
  readonly controlPlane: ControlPlaneSpec;
  readonly node: NodeSpec;
  readonly storage: StorageSpec;
  readonly monitoring: MonitoringSpec;
  readonly logs: LogsSpec;
  readonly samples: SamplesSpec;
  /** Backup of workloads; absent: off. */
  readonly backup?: BackupSpec;
  /** Name of the secret config key with the private ssh key; absent: the ssh agent of SSH_AUTH_SOCK. */
  readonly sshPrivateKeySecret?: string;
  /** kubeadm preflight checks that are not fatal, by kubeadm's names; empty by default. */
  readonly ignorePreflightErrors: readonly string[];
  /** Members in their order in the config; with stacked topology `etcd` is empty and the masters hold the members. */
  readonly hosts: {
    readonly etcd: readonly HostSpec[];
    readonly masters: readonly HostSpec[];
    readonly workers: readonly HostSpec[];
    readonly loadBalancers: readonly HostSpec[];
  };
  /** What is allowed but unwise, for the operator to read. */
  readonly warnings: readonly Problem[];
}

/** One thing that is wrong in the config. */
export interface Problem {
  /** Where, as in the file: "hosts[3].address". */
  readonly path: string;
  /** What was seen there, printed for a person. */
  readonly value: string;
  /** What is wrong. */
  readonly message: string;
  /** What to do. */
  readonly cure: string;
}
