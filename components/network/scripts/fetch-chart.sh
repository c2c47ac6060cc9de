#!/usr/bin/env bash
set -euo pipefail

# Fetches upstream's chart of Calico for `up`, into charts/ of the project, and pins it in charts/SHA256SUMS.
#
#   fetch-chart.sh VERSION [BASE]
#
# BASE: an own server with the same paths; default: https:/, that is GitHub's releases, where upstream's index of charts points to.
# A version that is pinned already must have the same sum; a new one is pinned as it came, for you to compare and commit.

version=${1:?usage: fetch-chart.sh VERSION [BASE]}
version=${version#v}
base=${2:-https:/}
name=tigera-operator-v$version.tgz
url=${base%/}/github.com/projectcalico/calico/releases/download/v$version/$name

mkdir -p charts
touch charts/SHA256SUMS
part=$(mktemp charts/.chart.XXXXXX)
trap 'rm -f "$part"' EXIT
curl -fsSL --retry 3 --connect-timeout 10 -o "$part" "$url" || {
  echo "$url can't be fetched (curl exit code $?). Likely cause: no way there from this machine. Next: give your own server as second argument, or copy the file to charts/$name and run: (cd charts && sha256sum $name >>SHA256SUMS)" >&2
  exit 1
}
sum=$(sha256sum "$part")
sum=${sum%% *}
pinned=$(awk -v name="$name" '$2 == name { print $1 }' charts/SHA256SUMS)
if [ -n "$pinned" ] && [ "$pinned" != "$sum" ]; then
  echo "$url has sha256 $sum, charts/SHA256SUMS says $pinned. Likely cause: the file was changed, or a proxy answered in its place. Next: don't use it; compare with https://docs.tigera.io/calico/charts/index.yaml" >&2
  exit 1
fi
chmod 0644 "$part"
mv -f "$part" "charts/$name"
if [ -z "$pinned" ]; then
  echo "$sum  $name" >>charts/SHA256SUMS
  echo "charts/$name pinned: $sum"
  echo "Compare it with 'digest' of version v$version in https://docs.tigera.io/calico/charts/index.yaml, then commit charts/SHA256SUMS."
else
  echo "charts/$name has the pinned sha256 $sum"
fi
