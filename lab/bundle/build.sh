#!/usr/bin/env bash
# Makes the folder that a mirror of upstream would have (files at upstream's addresses without the scheme,
# image archives, manifest.txt with every sha256) and prints where it is.
#   build.sh [--without PART]... [KUBERNETES_VERSION...]
# Parts: storage, monitoring, logs, backup, samples; what is left out is not built.
set -euo pipefail
# Else a tool that fails goes unseen in the sum of all.
shopt -s inherit_errexit

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$here/../tools/build.sh
cache=${HA_KUBERNETES_CACHE:-$HOME/.cache/ha-kubernetes}
declare -A parts=(
  [storage]=local-path-provisioner
  [monitoring]='metrics-server node-exporter kube-state-metrics prometheus alertmanager'
  [logs]='opentelemetry-collector victoria-logs'
  [backup]='velero velero-plugin-for-aws'
  [samples]=''
)
while [[ ${1:-} == --without ]]; do
  [[ -v parts[$2] ]] || {
    echo "build.sh: no part is called $2" >&2
    exit 1
  }
  unset "parts[$2]"
  shift 2
done
(($#)) || set -- 1.36.4
kubernetes=("${@/#/kubernetes@}")
others=(etcd containerd cni-plugins runc coredns kube-router pause agnhost)
mapfile -t wanted < <(((${#parts[@]} == 0)) || printf '%s\n' "${!parts[@]}" | sort)
for part in "${wanted[@]}"; do
  read -ra names <<<"${parts[$part]}"
  others+=("${names[@]}")
done

key=$({
  printf '%s\n' "$@" "${wanted[@]}"
  "$tools" --dir "${kubernetes[@]}" "${others[@]}" | sed 's|.*/||'
  cat "$here/build.sh" "$here/upstream.json" "$here/../images/build.sh"
} | sha256sum | cut -c1-12)
bundle=$cache/bundles/$key
mkdir -p "$cache/bundles" "$cache/locks"
exec 9>"$cache/locks/bundle-$key"
flock 9
if [[ -d $bundle ]]; then
  echo "$bundle"
  exit
fi
work=$bundle.part
rm -rf "$work"
mkdir -p "$work/images"
arch=$(go env GOARCH)

# Upstream's own releases are taken where they can be had: one probe decides for all of them.
upstream='' source='built from modules'
if [[ $arch == amd64 ]] && curl -sfL -m 5 -o /dev/null "https://dl.k8s.io/release/v$1/bin/linux/$arch/kubelet.sha256"; then
  upstream=1 source="upstream's releases"
fi
echo "bundle: $source" >&2

# take PATH COMMAND...: the release at the address, or what the command makes
take() {
  local path=$1 sum
  shift
  mkdir -p "$work/${path%/*}"
  sum=$(jq -r --arg path "$path" '.[$path] // empty' "$here/upstream.json")
  if [[ $upstream && $sum ]]; then
    curl -sSfL --retry 3 -o "$work/$path" "https://$path"
    sha256sum --check --quiet <<<"$sum  $work/$path"
  else
    "$@" "$work/$path"
  fi
}

built() { "$tools" "$1"; }

binary() {
  local folder
  folder=$(built "$1")
  ln -f "$folder/$2" "$3"
}

# archive TOOL FOLDER FILE: packs the tool's binaries as the folder; hosts unpack often, so hardly compressed
archive() {
  local folder
  folder=$(built "$1")
  tar -C "$folder" --format=gnu --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
    --transform "s|^\.|$2|" -c . | gzip -1n >"$3"
}

version_of() { sed -E 's|.*-([0-9.]+)-[0-9a-f]+$|\1|' <<<"$1"; }
{
  read -r etcd
  read -r containerd
  read -r cni
  read -r runc
} < <("$tools" --dir etcd containerd cni-plugins runc)
etcd=$(version_of "$etcd") containerd=$(version_of "$containerd") cni=$(version_of "$cni") runc=$(version_of "$runc")

for version in "$@"; do
  for program in kubelet kubeadm kubectl; do
    take "dl.k8s.io/release/v$version/bin/linux/$arch/$program" binary "kubernetes@$version" "$program"
  done
done
take "github.com/etcd-io/etcd/releases/download/v$etcd/etcd-v$etcd-linux-$arch.tar.gz" \
  archive etcd "etcd-v$etcd-linux-$arch"
take "github.com/containerd/containerd/releases/download/v$containerd/containerd-$containerd-linux-$arch.tar.gz" \
  archive containerd bin
take "github.com/containernetworking/plugins/releases/download/v$cni/cni-plugins-linux-$arch-v$cni.tgz" \
  archive cni-plugins .
take "github.com/opencontainers/runc/releases/download/v$runc/runc.$arch" binary runc runc
"$here/../images/build.sh" "$work/images" "${wanted[*]}" "$@"

cd "$work"
# One line a file: its sha256, its path and, for an archive, the images in it.
find . -type f -printf '%P\0' | sort -z | xargs -0 sha256sum | while read -r sum path; do
  images=''
  [[ $path != images/* ]] || images=$(tar -xOf "$path" manifest.json | jq -r '[.[].RepoTags[]] | join(" ")')
  echo "$sum $path $images"
done | sed 's/ $//' >"../$key.txt"
mv "../$key.txt" manifest.txt
find . -type f -size +0 -printf '%10s  %P\n' | sort -k2 >&2
mv "$work" "$bundle"
echo "$bundle"
