#!/usr/bin/env bash
# Pins a Kubernetes version for build.sh: pin-kubernetes.sh 1.37.2
set -euo pipefail

version=$1
cd "$(dirname "${BASH_SOURCE[0]}")/modules/kubernetes"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp main.go "$work"
upstream=$(cd "$work" && go mod download -json "k8s.io/kubernetes@v$version" | jq -r .GoMod)
{
  printf 'module ha-kubernetes.lab/kubernetes\n\n'
  grep -E '^(go|godebug) ' "$upstream"
  printf 'require k8s.io/kubernetes v%s\n\nreplace (\n' "$version"
  # Upstream takes these from its own tree; they are published as v0 modules.
  sed -nE "s|^\t(k8s.io/[a-z-]+) => ./staging/.*|\t\1 => \1 v0.${version#1.}|p" "$upstream"
  echo ')'
} >"$work/go.mod"
(cd "$work" && go list -mod=mod -deps . k8s.io/kubernetes/test/images/agnhost >/dev/null)
mkdir -p "$version"
cp "$work/go.mod" "$work/go.sum" "$version"
