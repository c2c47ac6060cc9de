import { frozen } from "../spec/builtWith";
import type { ClusterSpec } from "../spec/types";

/** Files that every node, master or worker, needs; by the name under which the scripts ask for them. */
export function nodeFiles(cluster: ClusterSpec): Record<string, string> {
  return {
    "sysctl.conf": SYSCTL,
    "containerd.toml": containerdConfig(cluster),
    "containerd.service": CONTAINERD_UNIT,
    "kubelet.service": KUBELET_UNIT,
    "10-kubeadm.conf": KUBELET_DROP_IN,
    built: builtWithLines(cluster),
    ...(cluster.artifacts.registryMirror && { "hosts.toml": mirrorConfig(cluster.artifacts.registryMirror) }),
  };
}

/**
 * What Kubernetes expects of the kernel; conntrack's size is kube-proxy's default for four cores, set here
 * because kube-proxy fails where it may not set it itself.
 *
 * @see https://kubernetes.io/docs/setup/production-environment/container-runtimes/
 */
const SYSCTL = `net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
net.netfilter.nf_conntrack_max = 131072
fs.inotify.max_user_instances = 8192
fs.inotify.max_user_watches = 524288
`;

/** What a node can't change once it is built, a line for each; the lists of hosts are not the node's own. */
function builtWithLines(cluster: ClusterSpec): string {
  return Object.entries(frozen(cluster))
    .filter(([path]) => !path.startsWith("hosts"))
    .map(([path, value]) => `${path}\t${value}`)
    .join("\n");
}

/**
 * containerd with the systemd cgroup driver, the pinned pause image and a folder for registry mirrors. Usage is read every
 * 10 s, as the kubelet's cAdvisor does: by default containerd 2.3 asks each container's shim every second, which took a third
 * of a percent of a processor for each container (measured: a fifth of one for the lab's 64), for figures that only crictl shows.
 *
 * @see https://github.com/containerd/containerd/blob/v2.3.4/internal/cri/config/config.go StatsCollectPeriod
 */
function containerdConfig(cluster: ClusterSpec): string {
  return `version = 3

[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "registry.k8s.io/pause:${cluster.versions.pause}"

[plugins."io.containerd.cri.v1.images".registry]
  config_path = "/etc/containerd/certs.d"

[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = @restrict_oom@
  stats_collect_period = "10s"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = true
`;
}

/** One mirror for every registry; it is asked with the registry's name in the "ns" parameter. */
function mirrorConfig(mirror: string): string {
  return `[host."${mirror}"]
  capabilities = ["pull", "resolve"]
`;
}

const CONTAINERD_UNIT = `[Unit]
Description=containerd, the container runtime
Documentation=https://containerd.io
After=network.target dbus.service

[Service]
Type=notify
ExecStart=/usr/local/bin/containerd
Delegate=yes
# Pods go on while containerd restarts.
KillMode=process
Restart=always
RestartSec=2
TasksMax=infinity

[Install]
WantedBy=multi-user.target
`;

const KUBELET_UNIT = `[Unit]
Description=kubelet, the Kubernetes node agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target containerd.service
After=network-online.target containerd.service

[Service]
ExecStart=/usr/local/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=2

[Install]
WantedBy=multi-user.target
`;

/** kubeadm's contract with the kubelet: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/kubelet-integration/ */
const KUBELET_DROP_IN = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
ExecStart=
ExecStart=/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS
`;
