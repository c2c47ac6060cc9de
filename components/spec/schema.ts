import { z } from "zod";
import { backup } from "./backupSchema";
import { checkCidr, checkIpv4 } from "./cidr";
import { about, byProfile, text } from "./fields";
import { checkHostKey } from "./hostKey";
import {
  checkAddressOrName,
  checkBaseUrl,
  checkDnsName,
  checkLabel,
  checkLabelValue,
  checkPreflight,
  checkKeyName,
  checkSha256,
  checkUser,
} from "./names";
import {
  DEFAULT_ENCAPSULATION,
  DEFAULT_POD_CIDR,
  DEFAULT_PROXY_MODE,
  DEFAULT_SERVICE_CIDR,
  GIB,
  PROFILE_NAMES,
} from "./profiles";
import { logs, monitoring, samples, storage } from "./serviceSchema";
import { DEFAULT_KUBERNETES_VERSION } from "./versions";

const port = z.int().min(1).max(65535);

const jump = z
  .strictObject({
    address: text(checkAddressOrName).meta(about("Address or name of the jump host.")),
    port: port.default(22).meta(about("Its ssh port.")),
    user: text(checkUser).optional().meta(about("User on it.", "`ssh.user`")),
    hostKey: text(checkHostKey).meta(about("Its public host key, as `hosts[].ssh.hostKey`.")),
  })
  .optional();

const host = z.strictObject({
  name: text(checkLabel).meta(
    about("Name of the node; frozen, as resources and certificates carry it. A new name is a new host."),
  ),
  address: text(checkIpv4).meta(about("IPv4 address by which the other hosts reach it.")),
  role: z.enum(["etcd", "master", "worker", "loadbalancer"]).meta(about("What the host is for.")),
  rack: text(checkLabelValue)
    .optional()
    .meta(about("Rack it stands in; members of a quorum are checked to stand apart.")),
  zone: text(checkLabelValue).optional().meta(about("Zone, which becomes `topology.kubernetes.io/zone`.")),
  cpus: z.int().min(1).optional().meta(about("CPUs, for the capacity warnings only.", "not judged")),
  memoryGiB: z
    .number()
    .positive()
    .optional()
    .meta(about("Memory in GiB, for the capacity warnings only.", "not judged")),
  ssh: z
    .strictObject({
      hostKey: text(checkHostKey).meta(
        about("Public host key, `TYPE BASE64` (ssh-ed25519 or ecdsa-sha2-nistp256/384/521); always checked."),
      ),
      port: port.optional().meta(about("ssh port of this host.", "`ssh.port`")),
      user: text(checkUser).optional().meta(about("User on this host.", "`ssh.user`")),
      jump: jump.meta(about("Jump host for this host.", "`ssh.jump`")),
    })
    .prefault(missing())
    .meta(about("How this host is reached.")),
});

/** An empty group where the config has none, so that its required keys are what is reported missing. */
function missing(): never {
  return {} as never;
}

/** The config object `ha-kubernetes:cluster`, in the operator's words; the description of each key is its documentation. */
export const clusterSchema = z.strictObject({
  name: text(checkLabel).meta(about("Name of the cluster, in kubeconfigs and backups.")),
  profile: z
    .enum(PROFILE_NAMES)
    .meta(about("Size of the cluster, which sets ranges and defaults (see below).")),
  topology: z
    .enum(["stacked", "external"])
    .optional()
    .meta(
      about(
        "Where etcd runs: on the masters, or on hosts of its own.",
        byProfile((p) => p.topologies[0]),
      ),
    ),
  architecture: z.enum(["amd64", "arm64"]).default("amd64").meta(about("CPU architecture of all hosts.")),
  kubernetesVersion: text()
    .default(DEFAULT_KUBERNETES_VERSION)
    .meta(about("Exact version, without a leading v.")),
  endpoint: z
    .strictObject({
      address: text(checkAddressOrName).meta(
        about(
          "The VIP, a free address beside the load balancers'; with an external load balancer its address or name.",
        ),
      ),
      dnsName: text(checkDnsName).meta(
        about("Name in every API server's certificate, which HAProxy and clients verify."),
      ),
      port: port.default(6443).meta(about("Port of the API at that address.")),
    })
    .prefault(missing())
    .meta(about("Where everything reaches the API.")),
  loadBalancer: z
    .strictObject({
      mode: z
        .enum(["haproxy", "external"])
        .default("haproxy")
        .meta(
          about("`haproxy`: two hosts with HAProxy and Keepalived; `external`: one that you already have."),
        ),
      virtualRouterId: z
        .int()
        .min(1)
        .max(255)
        .default(51)
        .meta(about("VRRP id, 1-255 (RFC 9568), unique on the layer-2 network.")),
      advertSeconds: z
        .number()
        .min(0.01)
        .max(40.95)
        .multipleOf(0.01)
        .default(0.25)
        .meta(
          about(
            "Seconds between VRRP adverts, 0.01-40.95 (RFC 9568 counts centiseconds); the VIP moves after three and a bit.",
          ),
        ),
      nopreempt: z
        .boolean()
        .default(false)
        .meta(about("Leave the VIP where it is when the preferred host is back.")),
    })
    .prefault({})
    .meta(about("The pair of load balancers.")),
  network: z
    .strictObject({
      cni: z
        .enum(["calico", "kube-router"])
        .default("calico")
        .meta(about("Pod network; kube-router is for small sites.")),
      podCidr: text(checkCidr)
        .default(DEFAULT_POD_CIDR)
        .meta(about("Addresses of pods; can't be changed later.")),
      serviceCidr: text(checkCidr)
        .default(DEFAULT_SERVICE_CIDR)
        .meta(about("Addresses of Services, a /12 to a /28; can't be changed later.")),
      dnsDomain: text(checkDnsName).default("cluster.local").meta(about("DNS domain of Services.")),
      proxyMode: z
        .enum(["iptables", "ipvs", "nftables"])
        .default(DEFAULT_PROXY_MODE)
        .meta(about("How kube-proxy programs Services; ipvs is deprecated upstream since 1.35 (KEP-5495).")),
      encapsulation: z
        .enum(["None", "VXLAN", "VXLANCrossSubnet", "IPIP", "IPIPCrossSubnet"])
        .optional()
        .meta(
          about(
            "Tunnel between nodes; `None` needs all nodes in one layer-2 network or routes to the pods.",
            `calico ${DEFAULT_ENCAPSULATION.calico}, kube-router ${DEFAULT_ENCAPSULATION["kube-router"]}`,
          ),
        ),
    })
    .prefault({})
    .meta(about("Pod and Service networks.")),
  etcd: z
    .strictObject({
      quotaGiB: z
        .int()
        .min(2)
        .max(8)
        .optional()
        .meta(
          about(
            "Size limit of the database in GiB; etcd advises 8 at most.",
            byProfile((p) => p.etcd.quotaBytes / GIB),
          ),
        ),
      fsyncP99Ms: z
        .int()
        .min(1)
        .max(10_000)
        .optional()
        .meta(
          about(
            "Longest accepted p99 of an fsync on etcd's disk in ms; above it no member is started.",
            byProfile((p) => p.etcd.fsyncP99Ms),
          ),
        ),
    })
    .prefault({})
    .meta(about("What a site may need to change of etcd.")),
  controlPlane: z
    .strictObject({
      extraSans: z
        .array(text(checkAddressOrName))
        .default([])
        .meta(about("More names and addresses for the API servers' certificates.")),
    })
    .prefault({})
    .meta(about("What a site may need to add to the control plane.")),
  artifacts: z
    .strictObject({
      source: z
        .enum(["upstream", "mirror", "bundle"])
        .default("upstream")
        .meta(
          about(
            "`mirror`: upstream's paths below `baseUrl`, pinned by our sums; `bundle`: pinned by its own manifest.",
          ),
        ),
      baseUrl: text(checkBaseUrl)
        .optional()
        .meta(about("Address of the mirror or bundle.", "required for both")),
      manifestSha256: text(checkSha256)
        .optional()
        .meta(about("sha256 of the bundle's manifest.txt.", "required for a bundle")),
      registryMirror: text(checkBaseUrl)
        .optional()
        .meta(about("Registry that mirrors every image registry.", "images come from their own registries")),
    })
    .prefault({})
    .meta(about("Where hosts fetch binaries and images.")),
  ssh: z
    .strictObject({
      user: text(checkUser)
        .default("root")
        .meta(about("User on the hosts: root, or one with sudo and no password.")),
      port: port.default(22).meta(about("ssh port of the hosts.")),
      privateKey: text(checkKeyName)
        .optional()
        .meta(
          about("Name of the secret config key that holds the private key.", "the agent of SSH_AUTH_SOCK"),
        ),
      jump: jump.meta(about("Jump host to all hosts.", "hosts are reached directly")),
    })
    .prefault({})
    .meta(about("How hosts are reached, unless they say otherwise.")),
  storage,
  monitoring,
  logs,
  samples,
  backup,
  ignorePreflightErrors: z
    .array(text(checkPreflight))
    .default([])
    .meta(about("kubeadm preflight checks that are not fatal, by kubeadm's names.")),
  hosts: z
    .array(host)
    .meta(about("Every host of the cluster; adding or deleting one here is the whole procedure.")),
});

/** The config with all defaults that don't depend on the profile. */
export type ClusterConfig = z.output<typeof clusterSchema>;

/** One host in the config. */
export type HostConfig = ClusterConfig["hosts"][number];
