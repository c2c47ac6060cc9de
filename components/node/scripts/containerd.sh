#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2154
set -euo pipefail

# node_containerd: the runtime, with the systemd cgroup driver.
node_containerd() {
  install_tar containerd /usr/local/bin
  install_binary runc /usr/local/sbin/runc
  install_tar cni-plugins /opt/cni/bin
  # A host without CAP_SYS_RESOURCE (bit 24) can't lower an OOM score: containerd must not try.
  local bounding
  bounding=$(awk '/^CapBnd/ { print $2 }' /proc/1/status)
  param[restrict_oom]=false
  ((16#$bounding >> 24 & 1)) || param[restrict_oom]=true
  filled containerd.toml | put_file /etc/containerd/config.toml 0644
  if embedded hosts.toml >/dev/null; then
    embedded hosts.toml | put_file /etc/containerd/certs.d/_default/hosts.toml 0644
  fi
  embedded containerd.service | put_file /etc/systemd/system/containerd.service 0644
  start_unit containerd.service /etc/containerd/config.toml /etc/systemd/system/containerd.service \
    "$STATE_DIR/installed/containerd" "$STATE_DIR/installed/runc"
}

# node_images: archives of images that a bundle brings for this role; other sources pull when a pod starts.
node_images() {
  local sum path images file
  [ -n "$MANIFEST_SHA256" ] || return 0
  while read -r sum path images; do
    if [ -z "$images" ] || [ -e "$STATE_DIR/images/$sum" ] || ! wanted "$images"; then
      continue
    fi
    file=$(download "$path" "$sum")
    # The kubelet removes images that nothing uses when a disk fills, and these can't be pulled again.
    ctr -n k8s.io images import --local --label io.cri-containerd.pinned=pinned "$file"
    rm -f "$file"
    : | put_file "$STATE_DIR/images/$sum" 0644
  done <"$CACHE/$MANIFEST_SHA256"
}

# wanted IMAGES: true if one of them is in this role's list.
wanted() {
  local image
  for image in $1; do
    embedded images | grep -qxF "$image" && return
  done
  return 1
}
