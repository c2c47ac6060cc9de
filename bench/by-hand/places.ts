import { stringify } from "yaml";
import type { Role } from "../../components";

/** What an operator of lab hosts knows of them: their interface; below, that their root is an overlay, on cgroup v1. */
export const INTERFACE = "host0";

/** The rest of the configuration of their kubelets. */
export const KUBELET_OF_THE_LAB = stringify({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  failCgroupV1: false,
  imageGCHighThresholdPercent: 100,
  evictionHard: {
    "memory.available": "100Mi",
    "nodefs.available": "1Gi",
    "nodefs.inodesFree": "1%",
    "imagefs.available": "1Gi",
  },
});

/** Where each file of a role lies on its hosts; the package's scripts put them there. */
export const PLACES: Record<"node" | Role, Record<string, string>> = {
  node: {
    "sysctl.conf": "etc/sysctl.d/90-ha-kubernetes.conf",
    "containerd.toml": "etc/containerd/config.toml",
    "containerd.service": "etc/systemd/system/containerd.service",
    "kubelet.service": "etc/systemd/system/kubelet.service",
    "10-kubeadm.conf": "etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
  },
  master: {
    "audit-policy.yaml": "etc/kubernetes/ha/audit-policy.yaml",
    "authentication.yaml": "etc/kubernetes/ha/authentication.yaml",
    "admission.yaml": "etc/kubernetes/ha/admission.yaml",
    reserved: "etc/kubernetes/ha/reserved",
    "kubeadm-init.yaml": "etc/kubernetes/ha/init.yaml",
    "kubeadm-join.yaml": "etc/kubernetes/ha/join.yaml",
    "approver.sh": "usr/local/sbin/kubelet-serving-approver",
    "approver.service": "etc/systemd/system/kubelet-serving-approver.service",
    "bootstrap.yaml": "root/by-hand/bootstrap.yaml",
  },
  worker: { "kubeadm-join.yaml": "run/ha-kubernetes/join.yaml" },
  etcd: {
    "etcd.yaml": "etc/etcd/etcd.yaml",
    "etcd.service": "etc/systemd/system/etcd.service",
    "etcdctl.env": "etc/etcd/etcdctl.env",
  },
  loadbalancer: {
    "haproxy.cfg": "etc/haproxy/ha-kubernetes.cfg",
    "haproxy.conf": "etc/systemd/system/haproxy.service.d/ha-kubernetes.conf",
    "keepalived.conf": "etc/keepalived/keepalived.conf",
    "keepalived.conf.d": "etc/systemd/system/keepalived.service.d/ha-kubernetes.conf",
    "firewall.nft": "etc/ha-kubernetes/firewall.nft",
    "firewall.service": "etc/systemd/system/ha-kubernetes-firewall.service",
    "tmpfiles.conf": "etc/tmpfiles.d/ha-kubernetes.conf",
    "live.sh": "etc/keepalived/api-live",
    "notify.sh": "etc/keepalived/api-notify",
  },
};
/** Programs are anyone's to run, a few files anyone's to read, the rest root's alone. */
export function modeOf(place: string): number {
  if (/\/(sbin\/|api-(live|notify)$)/.test(place)) return 0o755;
  // What etcd's user, systemd or Keepalived reads without being root.
  return /^etc\/(etcd|systemd|sysctl.d|containerd|tmpfiles.d|keepalived\/keepalived.conf)/.test(place)
    ? 0o644
    : 0o600;
}
