#!/usr/bin/env bash
# Packs what the lab built into image archives, as `docker save` would: the same input gives the same bytes.
#   build.sh DIRECTORY "PART..." KUBERNETES_VERSION...
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tool() { "$here/../tools/build.sh" "$@"; }
version_of() { sed -E 's|.*-([0-9.]+)-[0-9a-f]+$|\1|' <<<"$1"; }
out=$1 parts=" $2 "
shift 2
cache=${HA_KUBERNETES_CACHE:-$HOME/.cache/ha-kubernetes}
arch=$(go env GOARCH)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What kube-proxy and kube-router call, with the libraries that these need.
netfilter=(iptables libxtables12 libip4tc2 libip6tc2 libnftnl11 libmnl0 libnfnetlink0 libnetfilter-conntrack3
  ipset libipset13 conntrack nftables libnftables1 libedit2 libjansson4 libgmp10 libbsd0 libmd0 libtinfo6
  iproute2 libelf1 libbpf1 libcap2 zlib1g libc6 busybox-static)

# unpack FOLDER PACKAGE...: unpacks Debian packages into a folder; they are fetched once.
unpack() {
  local store package folder=$1
  local packages=("${@:2}")
  store=$cache/debs/$(printf '%s\n' "${packages[@]}" | sha256sum | cut -c1-12)
  if [[ ! -d $store ]]; then
    rm -rf "$store.part"
    mkdir -p "$store.part"
    (cd "$store.part" && { apt-get download -qq "${packages[@]}" || { apt-get update -qq && apt-get download -qq "${packages[@]}"; }; }) >&2
    mv "$store.part" "$store"
  fi
  for package in "$store"/*.deb; do
    dpkg-deb -x "$package" "$folder"
  done
}

# layer NAME: packs the folder NAME; zstd halves the time of an import against plain tar and gzip
layer() {
  tar -C "$work/$1" --format=gnu --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c . |
    zstd -q -7 -o "$work/$1.tar.zst"
  zstd -qdc "$work/$1.tar.zst" | sha256sum | cut -d' ' -f1 >"$work/$1.sum"
}

# image REFERENCE CONFIG LAYER...: adds an image to the archive in the making
image() {
  local reference=$1 config=$2 name
  shift 2
  for name in "$@"; do
    [[ -e $work/$name.tar.zst ]] || layer "$name"
    echo "sha256:$(<"$work/$name.sum")"
  done | jq -Rn --arg arch "$arch" --argjson config "$config" '{
    created: "1970-01-01T00:00:00Z", architecture: $arch, os: "linux",
    config: ({Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], WorkingDir: "/"} + $config),
    rootfs: {type: "layers", diff_ids: [inputs]}}' >"$work/config.json"
  name=$(sha256sum <"$work/config.json" | cut -d' ' -f1).json
  mv "$work/config.json" "$work/$name"
  jq -cn --arg config "$name" --arg reference "$reference" \
    '{Config: $config, RepoTags: [$reference], Layers: ($ARGS.positional | map(. + ".tar.zst"))}' --args "$@" >>"$work/images"
}

# archive FILE: writes the images added since the last one
archive() {
  local members
  jq -s . "$work/images" >"$work/manifest.json"
  rm "$work/images"
  mapfile -t members < <(jq -r '[.[] | .Config, .Layers[]] | unique[]' "$work/manifest.json")
  tar -C "$work" --format=gnu --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$out/$1" manifest.json "${members[@]}"
}

mkdir "$work/netfilter"
unpack "$work/netfilter" "${netfilter[@]}"
rm -r "$work"/netfilter/usr/share "$work"/netfilter/usr/lib/*/gconv
# Upstream's images of these two have a shell and a few commands, which probes and start scripts use.
for name in agnhost kube-router busybox; do
  install -D "$work/netfilter/bin/busybox" "$work/$name/bin/busybox"
  for command in sh cat chmod cp env grep ls mkdir mv ps rm sed sleep wget nslookup nc; do
    ln -s busybox "$work/$name/bin/$command"
  done
done
rm "$work/netfilter/bin/busybox"
for name in {ip,ip6}tables{,-save,-restore}; do
  ln -sf xtables-nft-multi "$work/netfilter/usr/sbin/$name"
done

install -D "$(tool pause)/pause" "$work/pause/pause"
install -D "$(tool coredns)/coredns" "$work/coredns/coredns"
for version in "$@"; do
  kubernetes=$(tool "kubernetes@$version")
  programs=kubernetes-$version
  mkdir -p "$work/$programs/usr/local/bin"
  install "$kubernetes/kubernetes" "$work/$programs/usr/local/bin/kube-apiserver"
  for name in kube-controller-manager kube-scheduler kube-proxy; do
    ln "$work/$programs/usr/local/bin/kube-apiserver" "$work/$programs/usr/local/bin/$name"
  done
  while read -r reference; do
    name=${reference##*/} name=${name%%:*}
    case $name in
    kube-*) image "$reference" "{\"Entrypoint\": [\"/usr/local/bin/$name\"]}" netfilter "$programs" ;;
    coredns) image "$reference" '{"Entrypoint": ["/coredns"], "User": "65532:65532", "ExposedPorts": {"53/udp": {}, "53/tcp": {}}}' coredns ;;
    pause) image "$reference" '{"Entrypoint": ["/pause"], "User": "65535:65535"}' pause ;;
    esac
  done < <("$kubernetes/kubeadm" config images list --kubernetes-version "v$version")
  archive "kubernetes-v$version.tar"
done

router=$(tool kube-router)
install -D "$router/kube-router" "$work/kube-router/usr/local/bin/kube-router"
version=$(version_of "$router")
image "docker.io/cloudnativelabs/kube-router:v$version" '{"Entrypoint": ["/usr/local/bin/kube-router"]}' netfilter kube-router
archive "kube-router-v$version.tar"

# service TOOL PROGRAM REFERENCE [LAYER]: an image of one program, started by its name; REFERENCE lacks the version
service() {
  local folder
  folder=$(tool "$1")
  install -D -t "$work/$1/usr/local/bin" "$folder"/*
  image "$3$(version_of "$folder")" "{\"Entrypoint\": [\"/usr/local/bin/$2\"], \"User\": \"65534:65534\"}" "${@:4}" "$1"
  archive "$1-v$(version_of "$folder").tar"
}

storage_images() {
  service local-path-provisioner local-path-provisioner docker.io/rancher/local-path-provisioner:v
  image docker.io/library/busybox:1.35.0 '{"Cmd": ["sh"]}' busybox
  archive busybox-1.35.0.tar
}

monitoring_images() {
  service metrics-server metrics-server registry.k8s.io/metrics-server/metrics-server:v
  service node-exporter node_exporter quay.io/prometheus/node-exporter:v
  service kube-state-metrics kube-state-metrics registry.k8s.io/kube-state-metrics/kube-state-metrics:v
  service prometheus prometheus quay.io/prometheus/prometheus:v
  service alertmanager alertmanager quay.io/prometheus/alertmanager:v
}

logs_images() {
  service opentelemetry-collector otelcol-contrib docker.io/otel/opentelemetry-collector-contrib:
  service victoria-logs victoria-logs docker.io/victoriametrics/victoria-logs:v
}

backup_images() {
  local folder
  # Its pods start the programs from the root, where upstream's image has them.
  folder=$(tool velero)
  install -D -t "$work/velero" "$folder"/*
  image "docker.io/velero/velero:v$(version_of "$folder")" '{"Entrypoint": ["/velero"], "User": "65534:65534"}' velero
  archive "velero-v$(version_of "$folder").tar"
  folder=$(tool velero-plugin-for-aws)
  install -D -t "$work/velero-plugin-for-aws/plugins" "$folder/velero-plugin-for-aws"
  install -D -t "$work/velero-plugin-for-aws/bin" "$folder/cp-plugin"
  image "docker.io/velero/velero-plugin-for-aws:v$(version_of "$folder")" '{"User": "65532:65532",
    "Entrypoint": ["cp-plugin", "/plugins/velero-plugin-for-aws", "/target/velero-plugin-for-aws"]}' velero-plugin-for-aws
  archive "velero-plugin-for-aws-v$(version_of "$folder").tar"
}

# Of Debian 12, whose versions these are.
samples_images() {
  unpack "$work/nginx" nginx libcrypt1 libpcre2-8-0 libssl3 zlib1g libc6
  rm -r "$work"/nginx/usr/share "$work"/nginx/usr/lib/*/gconv
  image docker.io/library/nginx:1.22.1 '{"Cmd": ["nginx", "-g", "daemon off;"], "StopSignal": "SIGQUIT"}' nginx
  archive nginx-1.22.1.tar
  # Its branch of long-term support; which patch of it, Debian's security updates say. With the shell and tools that the sample's scripts call.
  unpack "$work/mariadb" mariadb-server-core mariadb-client-core mariadb-client libaio1 liburing2 libnuma1 libsystemd0 libcap2 libgcrypt20 libgpg-error0 \
    liblzma5 liblz4-1 libzstd1 libpcre2-8-0 libcrypt1 libssl3 libstdc++6 libgcc-s1 libedit2 libbsd0 libmd0 libncurses6 libtinfo6 zlib1g \
    bash coreutils grep sed hostname libacl1 libattr1 libselinux1 libgmp10 libc6
  find "$work/mariadb/usr/share" -mindepth 1 -maxdepth 1 ! -name mysql -exec rm -r {} +
  rm -r "$work"/mariadb/usr/lib/*/gconv
  ln -s bash "$work/mariadb/bin/sh"
  image docker.io/library/mariadb:10.11 '{"Cmd": ["mariadbd"], "User": "999:999"}' mariadb
  archive mariadb-10.11.tar
}

for part in $parts; do
  "${part}_images"
done

etcd=$(tool etcd)
mkdir -p "$work/etcd/usr/local/bin"
install "$etcd"/{etcd,etcdctl,etcdutl} "$work/etcd/usr/local/bin"
version=$(version_of "$etcd")
image "gcr.io/etcd-development/etcd:v$version" '{"Entrypoint": ["/usr/local/bin/etcd"]}' etcd
archive "etcd-v$version.tar"

agnhost=$(tool agnhost)
install "$agnhost/agnhost" "$work/agnhost/agnhost"
ln -s agnhost "$work/agnhost/agnhost-2"
version=$(version_of "$agnhost")
image "registry.k8s.io/e2e-test-images/agnhost:$version" '{"Entrypoint": ["/agnhost"], "Cmd": ["pause"]}' agnhost
archive "agnhost-$version.tar"
