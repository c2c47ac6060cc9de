#!/usr/bin/env bash
# Builds tools of the lab from pinned Go modules, once per machine.
#   build.sh NAME[@VERSION]...   prints the directory of each; "build.sh --dir ..." only says where it would be
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${HA_KUBERNETES_CACHE:-$HOME/.cache/ha-kubernetes}
flags=(-mod=readonly -trimpath -buildvcs=false)

# Sets what a tool is made of: its version, its binaries (name=package), further names of the
# first binary, the linker's flags, the build tags, whether it needs a C compiler, and the tool that
# belongs into the same folder.
describe() {
  version=$2 binaries=() names=() stamp='' tags='' cgo=0 beside=''
  case $1 in
  kubernetes)
    version=${version:-1.36.4}
    local minor=${version#1.} v=k8s.io/component-base/version
    binaries=(kubernetes=.)
    names=(kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet kubeadm kubectl)
    stamp="-X $v.gitVersion=v$version -X $v.gitMajor=1 -X $v.gitMinor=${minor%%.*} -X $v.gitTreeState=clean"
    stamp+=" -X $v.gitCommit=unknown -X $v.buildDate=1970-01-01T00:00:00Z"
    ;;
  agnhost)
    version=${version:-2.63.0}
    binaries=(agnhost=k8s.io/kubernetes/test/images/agnhost)
    stamp="-X main.Version=$version"
    ;;
  pulumi)
    version=${version:-3.274.1}
    binaries=(pulumi=github.com/pulumi/pulumi/pkg/v3/cmd/pulumi)
    beside=pulumi-language-nodejs
    stamp="-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$version"
    ;;
  pulumi-language-nodejs)
    version=${version:-3.67.1}
    binaries=(pulumi-language-nodejs=github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs)
    stamp="-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$version"
    ;;
  pulumi-resource-kubernetes)
    version=${version:-4.25.0}
    binaries=(pulumi-resource-kubernetes=.)
    stamp="-X github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=$version"
    ;;
  etcd)
    version=${version:-3.6.14}
    binaries=(etcd=go.etcd.io/etcd/server/v3 etcdctl=go.etcd.io/etcd/etcdctl/v3 etcdutl=go.etcd.io/etcd/etcdutl/v3)
    ;;
  containerd)
    version=${version:-2.3.4}
    local c=github.com/containerd/containerd/v2/cmd
    binaries=("containerd=$c/containerd" "containerd-shim-runc-v2=$c/containerd-shim-runc-v2" "ctr=$c/ctr")
    stamp="-X ${c%/cmd}/version.Version=v$version"
    ;;
  cni-plugins)
    version=${version:-1.9.1}
    local p=github.com/containernetworking/plugins
    binaries=("bridge=$p/plugins/main/bridge" "loopback=$p/plugins/main/loopback"
      "host-local=$p/plugins/ipam/host-local" "portmap=$p/plugins/meta/portmap"
      "bandwidth=$p/plugins/meta/bandwidth" "tuning=$p/plugins/meta/tuning")
    stamp="-X $p/pkg/utils/buildversion.BuildVersion=v$version"
    ;;
  runc)
    version=${version:-1.4.3}
    binaries=(runc=github.com/opencontainers/runc)
    stamp="-linkmode=external -extldflags=-static"
    tags=seccomp,netgo,osusergo cgo=1
    ;;
  coredns)
    version=${version:-1.14.2}
    binaries=(coredns=.)
    ;;
  kube-router)
    version=${version:-2.1.0}
    binaries=(kube-router=github.com/cloudnativelabs/kube-router/v2/cmd/kube-router)
    stamp="-X github.com/cloudnativelabs/kube-router/v2/pkg/version.Version=v$version"
    ;;
  metrics-server)
    version=${version:-0.9.0}
    binaries=(metrics-server=sigs.k8s.io/metrics-server/cmd/metrics-server)
    stamp="-X sigs.k8s.io/metrics-server/pkg/version.gitVersion=v$version"
    ;;
  local-path-provisioner)
    version=${version:-0.0.30}
    binaries=(local-path-provisioner=github.com/rancher/local-path-provisioner)
    stamp="-X main.VERSION=v$version"
    ;;
  node-exporter)
    version=${version:-1.12.1}
    binaries=(node_exporter=github.com/prometheus/node_exporter)
    stamp="-X github.com/prometheus/common/version.Version=$version"
    ;;
  kube-state-metrics)
    version=${version:-2.15.0}
    binaries=(kube-state-metrics=k8s.io/kube-state-metrics/v2)
    stamp="-X github.com/prometheus/common/version.Version=v$version"
    ;;
  prometheus)
    version=${version:-3.16.0}
    local m=github.com/prometheus/prometheus
    binaries=("prometheus=$m/cmd/prometheus" "promtool=$m/cmd/promtool")
    stamp="-X github.com/prometheus/common/version.Version=$version"
    # Service discovery of clouds is most of it, and none of these hosts is in one.
    tags=remove_all_sd,enable_kubernetes_sd,enable_file_sd
    ;;
  alertmanager)
    version=${version:-0.28.1}
    local m=github.com/prometheus/alertmanager
    binaries=("alertmanager=$m/cmd/alertmanager" "amtool=$m/cmd/amtool")
    stamp="-X github.com/prometheus/common/version.Version=$version"
    ;;
  opentelemetry-collector)
    version=${version:-0.160.0}
    binaries=(otelcol-contrib=.)
    stamp="-X main.Version=$version"
    ;;
  victoria-logs)
    version=${version:-1.52.1}
    binaries=(victoria-logs=github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs)
    stamp="-X github.com/VictoriaMetrics/VictoriaMetrics/lib/buildinfo.Version=victoria-logs-v$version"
    ;;
  velero)
    version=${version:-1.18.3}
    local v=github.com/vmware-tanzu/velero
    binaries=("velero=$v/cmd/velero" "velero-helper=$v/cmd/velero-helper" "velero-restore-helper=$v/cmd/velero-restore-helper")
    stamp="-X $v/pkg/buildinfo.Version=v$version -X $v/pkg/buildinfo.ImageRegistry=velero"
    ;;
  velero-plugin-for-aws)
    version=${version:-1.14.3}
    local p=github.com/vmware-tanzu/velero-plugin-for-aws
    binaries=("velero-plugin-for-aws=$p/velero-plugin-for-aws" "cp-plugin=$p/hack/cp-plugin")
    ;;
  versitygw)
    version=${version:-1.8.0}
    binaries=(versitygw=github.com/versity/versitygw/cmd/versitygw)
    stamp="-X main.Version=v$version"
    ;;
  pause)
    version=${version:-3.10.2}
    binaries=(pause=.)
    ;;
  *)
    echo "build.sh: no tool is called $1" >&2
    return 1
    ;;
  esac
  modules=$here/modules/$1
  sources=("$modules/$version"/go.*)
  [[ ! -e $modules/main.go ]] || sources+=("$modules/main.go")
  if [[ ! -e ${sources[0]} ]]; then
    echo "build.sh: $1 $version is not pinned (see README.md)" >&2
    return 1
  fi
}

# The embedded files are made by upstream's own build and are not in the module.
prepare_pulumi-resource-kubernetes() {
  local files
  files=$(go mod download -json github.com/pulumi/pulumi-kubernetes/provider/v4 | jq -r .Dir)/cmd/pulumi-resource-kubernetes
  jq -c --arg version "$version" '.version = $version' "$files/schema.json" >schema-embed.json
  jq -c . "$files/terraform-mapping.json" >terraform-mapping-embed.json
}

compile() {
  local binary
  cp "${sources[@]}" "$work/source"
  cd "$work/source"
  if declare -F "prepare_$1" >/dev/null; then "prepare_$1"; fi
  for binary in "${binaries[@]}"; do
    go build "${flags[@]}" -tags "$tags" -ldflags "-s -w $stamp" -o "$work/bin/${binary%%=*}" "${binary#*=}"
  done
  if [[ $beside ]]; then ln "$("$here/build.sh" "$beside")"/* "$work/bin/"; fi
  for binary in "${names[@]}"; do
    ln "$work/bin/${binaries[0]%%=*}" "$work/bin/$binary"
  done
}

build() {
  local start=$SECONDS pid status=0
  echo "build $1 $version: started" >&2
  rm -rf "$work"
  mkdir -p "$work/source" "$work/bin"
  # A process group of its own, so that an interrupted run leaves no compiler behind.
  set -m
  (compile "$1") >"$work/log" 2>&1 &
  pid=$!
  set +m
  trap 'kill -- "-$pid" 2>/dev/null || true' EXIT
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    (((SECONDS - start) % 20)) || echo "build $1 $version: $((SECONDS - start)) s" >&2
  done
  wait "$pid" || status=$?
  trap - EXIT
  if ((status)); then
    tail -n 20 "$work/log" >&2
    echo "build $1 $version: failed after $((SECONDS - start)) s, all of it in $work/log" >&2
    return 1
  fi
  mv "$work/bin" "$directory"
  rm -rf "$work"
  echo "build $1 $version: done in $((SECONDS - start)) s" >&2
}

only_where=
if [[ ${1:-} == --dir ]]; then
  only_where=1
  shift
fi
go_version=$(go env GOVERSION)
mkdir -p "$cache/tools" "$cache/locks"
for tool in "$@"; do
  name=${tool%%@*} version=
  [[ $tool != *@* ]] || version=${tool#*@}
  describe "$name" "$version"
  export CGO_ENABLED=$cgo GOFLAGS='' GOOS=linux
  key=$({
    cat "${sources[@]}"
    declare -p flags binaries names stamp tags cgo go_version
    declare -f "prepare_$name" || true
    [[ ! $beside ]] || "$here/build.sh" --dir "$beside" | sed 's|.*/||'
  } | sha256sum | cut -c1-12)
  directory=$cache/tools/$name-$version-$key
  work=$directory.part
  if [[ ! -d $directory && ! $only_where ]]; then
    exec 9>"$cache/locks/$name-$version-$key"
    flock 9
    [[ -d $directory ]] || build "$name"
    exec 9>&-
  fi
  echo "$directory"
done
