import { stringify } from "yaml";
import { METRICS_PORT } from "../etcd/config";
import { ETCD_IMAGE_REPOSITORY } from "../spec/artifacts";
import type { ClusterSpec } from "../spec/types";

/** Port of the API server on the masters. */
export const API_PORT = 6443;

const PKI = "/etc/kubernetes/pki";
const OWN = "/etc/kubernetes/ha";

/**
 * Leader election of controller-manager and scheduler: 15 s lease, renewed within 10 s, tried every 2 s.
 *
 * @see component-base/config/v1alpha1/defaults.go, whose defaults these are
 */
const LEADER_ELECTION = {
  "leader-elect": "true",
  "leader-elect-lease-duration": "15s",
  "leader-elect-renew-deadline": "10s",
  "leader-elect-retry-period": "2s",
};

/** Serving certificate of controller-manager and scheduler, made on each master, so that scrapers can verify them. */
const COMPONENT_CERTIFICATE = {
  "tls-cert-file": `${PKI}/component.crt`,
  "tls-private-key-file": `${PKI}/component.key`,
};

/** Documents for `kubeadm init`; "@host@" and "@address@" are filled in on the host. */
export function initConfig(cluster: ClusterSpec): string {
  return documents(
    {
      ...kubeadm("InitConfiguration"),
      localAPIEndpoint: { advertiseAddress: "@address@", bindPort: API_PORT },
      nodeRegistration: nodeRegistration(cluster, "master"),
      // kubeadm always makes a token; this one is removed in the same step.
      bootstrapTokens: [{ ttl: "15m0s" }],
    },
    clusterConfig(cluster),
    kubeletConfig(cluster),
    kubeProxyConfig(cluster),
  );
}

/** Document for `kubeadm join` of a master: it holds the CAs and finds the cluster by its own administrator's kubeconfig. */
export function masterJoinConfig(cluster: ClusterSpec): string {
  return documents({
    ...kubeadm("JoinConfiguration"),
    discovery: { file: { kubeConfigPath: "/etc/kubernetes/admin.conf" } },
    timeouts: JOIN_TIMEOUTS,
    controlPlane: { localAPIEndpoint: { advertiseAddress: "@address@", bindPort: API_PORT } },
    nodeRegistration: nodeRegistration(cluster, "master"),
  });
}

/** Document for `kubeadm join` of a worker; "@token@" lives for minutes. */
export function workerJoinConfig(cluster: ClusterSpec): string {
  return documents({
    ...kubeadm("JoinConfiguration"),
    discovery: {
      file: { kubeConfigPath: "/run/ha-kubernetes/discovery.conf" },
      tlsBootstrapToken: "@token@",
    },
    nodeRegistration: nodeRegistration(cluster, "worker"),
  });
}

/**
 * Documents for `kubeadm token create` by a joining worker: "@token@" is known beforehand, so that it can be revoked
 * by whoever comes after a killed run. It lives 15 minutes, far above a join and far below kubeadm's day.
 */
export function workerTokenConfig(cluster: ClusterSpec): string {
  return documents(
    {
      ...kubeadm("InitConfiguration"),
      bootstrapTokens: [{ token: "@token@", ttl: "15m0s", description: "join of @host@" }],
    },
    // Else kubeadm asks the internet for the newest version.
    { ...kubeadm("ClusterConfiguration"), kubernetesVersion: `v${cluster.versions.kubernetes}` },
  );
}

/** Half a minute to find the API: the step tries again by itself, and says what it saw. kubeadm's default is 5 minutes. */
const JOIN_TIMEOUTS = { discovery: "30s" };

function clusterConfig(cluster: ClusterSpec) {
  const { endpoint, network, hosts, controlPlane } = cluster;
  return {
    ...kubeadm("ClusterConfiguration"),
    clusterName: cluster.name,
    kubernetesVersion: `v${cluster.versions.kubernetes}`,
    controlPlaneEndpoint: `${endpoint.address}:${endpoint.port}`,
    encryptionAlgorithm: "ECDSA-P256",
    // As long as the certificates of Pki; kubeadm's default of a year stops a cluster that nobody upgrades.
    certificateValidityPeriod: "26280h0m0s",
    networking: {
      podSubnet: network.podCidr,
      serviceSubnet: network.serviceCidr,
      dnsDomain: network.dnsDomain,
    },
    etcd: etcd(cluster),
    apiServer: {
      certSANs: [
        endpoint.address,
        endpoint.dnsName,
        ...hosts.masters.flatMap((host) => [host.address, host.name]),
        ...controlPlane.extraSans,
        "127.0.0.1",
        "localhost",
      ],
      extraArgs: argumentList(apiServerArguments(cluster)),
      extraVolumes: [
        { name: "ha", hostPath: OWN, mountPath: OWN, readOnly: true, pathType: "Directory" },
        {
          name: "audit",
          hostPath: "/var/log/kubernetes/audit",
          mountPath: "/var/log/kubernetes/audit",
          pathType: "DirectoryOrCreate",
        },
      ],
    },
    controllerManager: {
      extraArgs: argumentList({
        ...LEADER_ELECTION,
        ...COMPONENT_CERTIFICATE,
        "bind-address": "0.0.0.0",
        profiling: "false",
        "node-cidr-mask-size": String(network.nodeCidrMaskSize),
        "node-monitor-grace-period": `${controlPlane.nodeMonitorGraceSeconds}s`,
      }),
    },
    scheduler: {
      extraArgs: argumentList({
        ...LEADER_ELECTION,
        ...COMPONENT_CERTIFICATE,
        "bind-address": "0.0.0.0",
        profiling: "false",
      }),
      extraVolumes: [{ name: "pki", hostPath: PKI, mountPath: PKI, readOnly: true, pathType: "Directory" }],
    },
  };
}

function apiServerArguments({ controlPlane }: ClusterSpec): Record<string, string> {
  const eviction = String(controlPlane.podEvictionSeconds);
  return {
    "admission-control-config-file": `${OWN}/admission.yaml`,
    "authentication-config": `${OWN}/authentication.yaml`,
    "encryption-provider-config": `${OWN}/encryption.yaml`,
    "audit-policy-file": `${OWN}/audit-policy.yaml`,
    "audit-log-path": "/var/log/kubernetes/audit/audit.log",
    // CIS 1.2.17 to 1.2.19: 30 days, 10 files, 100 MB each.
    "audit-log-maxage": "30",
    "audit-log-maxbackup": "10",
    "audit-log-maxsize": "100",
    "kubelet-certificate-authority": `${PKI}/ca.crt`,
    "max-requests-inflight": String(controlPlane.maxRequestsInflight),
    "max-mutating-requests-inflight": String(controlPlane.maxMutatingRequestsInflight),
    "default-not-ready-toleration-seconds": eviction,
    "default-unreachable-toleration-seconds": eviction,
    profiling: "false",
    "tls-min-version": "VersionTLS12",
  };
}

function etcd(cluster: ClusterSpec) {
  if (cluster.topology === "external") {
    return {
      external: {
        endpoints: cluster.hosts.etcd.map((host) => `https://${host.address}:2379`),
        caFile: `${PKI}/etcd/ca.crt`,
        certFile: `${PKI}/apiserver-etcd-client.crt`,
        keyFile: `${PKI}/apiserver-etcd-client.key`,
      },
    };
  }
  const { etcd } = cluster;
  return {
    local: {
      imageRepository: ETCD_IMAGE_REPOSITORY,
      imageTag: `v${cluster.versions.etcd}`,
      extraArgs: argumentList({
        "heartbeat-interval": String(etcd.heartbeatMs),
        "election-timeout": String(etcd.electionMs),
        "snapshot-count": String(etcd.snapshotCount),
        "quota-backend-bytes": String(etcd.quotaBytes),
        "listen-metrics-urls": `http://0.0.0.0:${METRICS_PORT}`,
      }),
    },
  };
}

function nodeRegistration(cluster: ClusterSpec, role: "master" | "worker") {
  return {
    name: "@host@",
    criSocket: "unix:///run/containerd/containerd.sock",
    imagePullPolicy: "IfNotPresent",
    ignorePreflightErrors: cluster.ignorePreflightErrors,
    kubeletExtraArgs: argumentList({
      "node-ip": "@address@",
      "config-dir": "/etc/kubernetes/kubelet.conf.d",
      "node-labels": "@labels@",
    }),
    ...(role === "worker" && { taints: [] }),
  };
}

function kubeletConfig(cluster: ClusterSpec) {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    cgroupDriver: "systemd",
    maxPods: cluster.node.maxPods,
    nodeStatusUpdateFrequency: "10s",
    // Signed by the cluster CA and approved by kubelet-serving-approver on the masters.
    serverTLSBootstrap: true,
    rotateCertificates: true,
    tlsMinVersion: "VersionTLS12",
    seccompDefault: true,
    readOnlyPort: 0,
    streamingConnectionIdleTimeout: "5m0s",
    podPidsLimit: 4096,
    serializeImagePulls: false,
    maxParallelImagePulls: 4,
  };
}

function kubeProxyConfig(cluster: ClusterSpec) {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: cluster.network.proxyMode,
    clusterCIDR: cluster.network.podCidr,
    metricsBindAddress: "0.0.0.0:10249",
    // The size of the table is set once per host (sysctl.conf); kube-proxy would fail where it may not set it.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  };
}

function kubeadm(kind: string) {
  return { apiVersion: "kubeadm.k8s.io/v1beta4", kind };
}

function argumentList(args: Record<string, string>) {
  return Object.entries(args).map(([name, value]) => ({ name, value }));
}

function documents(...all: object[]): string {
  return all.map((document) => stringify(document)).join("---\n");
}
