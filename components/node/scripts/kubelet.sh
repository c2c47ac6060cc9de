#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

# node_kubelet: kubelet, kubeadm and kubectl at the pinned version; kubeadm starts the kubelet.
node_kubelet() {
  local name
  for name in kubelet kubeadm kubectl; do
    install_binary "$name" "/usr/local/bin/$name"
  done
  embedded kubelet.service | put_file /etc/systemd/system/kubelet.service 0644
  embedded 10-kubeadm.conf | put_file /etc/systemd/system/kubelet.service.d/10-kubeadm.conf 0644
  node_kubelet_facts | put_file /etc/kubernetes/kubelet.conf.d/10-host.conf 0600
  # kubeadm reads the units again before it starts one.
  systemctl enable --quiet --no-reload kubelet
  if [ -e /var/lib/kubelet/config.yaml ]; then
    start_unit kubelet.service "$STATE_DIR/installed/kubelet" /etc/systemd/system/kubelet.service \
      /etc/systemd/system/kubelet.service.d/10-kubeadm.conf /etc/kubernetes/kubelet.conf.d/10-host.conf
  fi
}

# What differs from host to host, from the host's own facts.
node_kubelet_facts() {
  local kind source
  mkdir -p /var/lib/kubelet
  kind=$(findmnt -no FSTYPE -T /var/lib/kubelet)
  source=$(findmnt -no SOURCE -T /var/lib/kubelet)
  printf 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
  # cgroup v1 is refused by default since Kubernetes 1.35.
  if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
    printf 'failCgroupV1: false\n'
  fi
  # On a container's root the kubelet can't tell how full the disk is.
  if [ "$kind" = overlay ]; then
    printf 'localStorageCapacityIsolation: false\n'
  fi
  # A folder of another machine's disk, "DEVICE[FOLDER]" (on btrfs that is a subvolume of one's own): others fill it
  # too, and nothing that is removed here would help.
  if [[ $source = *"["* && $kind != btrfs ]]; then
    printf 'imageGCHighThresholdPercent: 100\nevictionHard:\n'
    printf '  memory.available: 100Mi\n  nodefs.available: 1Gi\n  nodefs.inodesFree: 1%%\n  imagefs.available: 1Gi\n'
  fi
}

# node_preflight: judged before the first change.
node_preflight() {
  preflight_system
  preflight_clock "$(first_artifact_url)"
  preflight_swap
  preflight_services containerd docker kubelet
  preflight_ports 10250 "$@"
  preflight_disk /var/lib 4096
  [ ! -e /etc/kubernetes/kubelet.conf ] || die "/etc/kubernetes/kubelet.conf exists already" \
    "the host is or was a node of another cluster" "if it may go: kubeadm reset, rm -rf /etc/kubernetes, then pulumi up again"
}

# node_unchanged: refuses another value of what this node was built with, before anything is changed.
# The file "$STATE_DIR/built" has a line "SETTING VALUE" for each, as the embedded file "built".
node_unchanged() {
  local setting was now
  [ -e "$STATE_DIR/built" ] || return 0
  while IFS=$'\t' read -r setting was now; do
    die "this node was built with $setting $was, the config says $now" \
      "the config was changed on a living cluster, and up can't change that" \
      "take the change back; or pulumi destroy, then pulumi up with the new value"
  done < <(embedded built | awk -F'\t' 'NR == FNR { was[$1] = $2; next } ($1 in was) && was[$1] != $2 { print $1 "\t" was[$1] "\t" $2 }' "$STATE_DIR/built" -)
}

# node_built: notes what this node was built with; from here on it can't be changed.
node_built() {
  embedded built | put_file "$STATE_DIR/built" 0644
}

# node_prepare PREFLIGHT: everything that needs no API server, after the checks of that function.
node_prepare() {
  node_unchanged
  if first_time; then
    step "preflight" "$1"
    claim
  fi
  step "packages" ensure_packages conntrack=conntrack iptables=iptables ipset=ipset socat=socat
  step "system" node_system
  step "manifest" fetch_manifest
  step "containerd" node_containerd
  step "kubelet" node_kubelet
  step "images" node_images
}

# node_ready: waits until the API says that this node is Ready.
node_ready() {
  local kubeconfig=/etc/kubernetes/kubelet.conf
  retry 300 1 kubectl --kubeconfig "$kubeconfig" wait --for=condition=Ready "node/${param[host]}" --timeout=10s || die \
    "the node is not Ready after 5 minutes: $(kubectl --kubeconfig "$kubeconfig" get node "${param[host]}" \
      -o 'jsonpath={.status.conditions[?(@.type=="Ready")].message}' 2>&1 | cut -c1-200)" \
    "no pod network yet, or its image can't be pulled" "kubectl -n kube-system get pods -o wide"
}

# node_wipe [MORE]: back to a host that never was a node; MORE is run when nothing runs any more.
node_wipe() {
  if command -v kubeadm >/dev/null && [ -d /etc/kubernetes ]; then
    timeout 120 kubeadm reset --force --cleanup-tmp-dir || true
  fi
  systemctl disable --quiet --now kubelet containerd 2>/dev/null || true
  wipe_processes
  wipe_mounts
  wipe_network
  rm -rf /etc/kubernetes /etc/cni /etc/containerd /opt/cni /var/lib/cni /run/flannel \
    /etc/systemd/system/{kubelet,containerd}.service /etc/systemd/system/kubelet.service.d \
    /etc/modules-load.d/ha-kubernetes.conf /etc/sysctl.d/90-ha-kubernetes.conf \
    /usr/local/bin/{containerd,containerd-shim-runc-v2,ctr,kubelet,kubeadm,kubectl} /usr/local/sbin/runc
  local folder
  for folder in /var/lib/kubelet /var/lib/containerd /run/containerd; do
    [ ! -d "$folder" ] || find "$folder" -xdev -mindepth 1 -delete 2>/dev/null || true
  done
  systemctl unmask --quiet swap.target
  "${1:-true}"
  wipe_common
}

# Shims outlive containerd by design; each is known by the path of its program, never by name alone.
wipe_processes() {
  local exe pid child
  for exe in /proc/[0-9]*/exe; do
    if [[ "$(readlink "$exe" 2>/dev/null)" == /usr/local/bin/containerd-shim-runc-v2* ]]; then
      pid=${exe#/proc/}
      pid=${pid%/exe}
      # shellcheck disable=SC2013
      for child in $(cat "/proc/$pid/task/"*/children 2>/dev/null); do
        kill -9 "$child" 2>/dev/null || true
      done
      kill -9 "$pid" 2>/dev/null || true
    fi
  done
}

wipe_mounts() {
  local at
  awk '$2 ~ "^/(var/lib/(kubelet|containerd)|run/(containerd|netns))/" { print $2 }' /proc/mounts | sort -r |
    while read -r at; do
      umount -l "$at" || true
    done
}

wipe_network() {
  local link set
  for link in kube-bridge kube-ipvs0 cni0 vxlan.calico; do
    ip link delete "$link" 2>/dev/null || true
  done
  # kube-router's routes to the other nodes' pods (GoBGP's protocol number).
  ip route flush proto 17 2>/dev/null || true
  # Only the chains that Kubernetes and its networks made; the operator's own rules stay.
  iptables-save 2>/dev/null | grep -v -e KUBE- -e CNI- -e cali | iptables-restore || true
  nft delete table ip kube-proxy 2>/dev/null || true
  for set in $(ipset list -n 2>/dev/null | grep -E '^(KUBE-|kube-router-|cali)'); do
    ipset destroy "$set" 2>/dev/null || true
  done
}
