#!/usr/bin/env bash
set -euo pipefail

# Fetches upstream's charts for `up`, into charts/ of the project, and pins them in charts/SHA256SUMS.
#
#   fetch-charts.sh [NAME...] [BASE]
#
# NAME: a chart of charts.txt; default: all of them.
# BASE: an own server with the same paths, as in https://mirror.example.com; default: https:/, that is upstream's addresses.
# A version that is pinned already must have the same sum; a new one is pinned as it came, for you to compare and commit.

table=$(dirname "${BASH_SOURCE[0]}")/../charts.txt

main() {
  local base=https:/ names=() known word failed=0 name version file address index
  known=$(grep -v '^#' "$table")
  for word in "$@"; do
    if [[ $word == */* ]]; then
      base=${word%/}
    elif [[ $'\n'$known == *$'\n'"$word "* ]]; then
      names+=("$word")
    else
      echo "$word is no chart of ours. Next: name some of: $(cut -d' ' -f1 <<<"$known" | xargs)" >&2
      exit 1
    fi
  done
  mkdir -p charts
  touch charts/SHA256SUMS
  part=$(mktemp charts/.chart.XXXXXX)
  trap 'rm -f "$part"' EXIT
  while read -r name version file address index; do
    [[ ${#names[@]} -eq 0 || " ${names[*]} " == *" $name "* ]] || continue
    fetch_chart "$base/$address" "$file" "$version" "https://$index" || failed=1
  done <<<"$known"
  exit "$failed"
}

# fetch_chart URL FILE VERSION INDEX
fetch_chart() {
  local url=$1 file=$2 sum pinned status=0
  curl -fsSL --retry 3 --connect-timeout 10 -o "$part" "$url" || status=$?
  if [ "$status" -ne 0 ]; then
    echo "$url can't be fetched (curl exit code $status). Likely cause: no way there from this machine. Next: name your own server, or copy the file to charts/$file and run: (cd charts && sha256sum $file >>SHA256SUMS)" >&2
    return 1
  fi
  sum=$(sha256sum "$part")
  sum=${sum%% *}
  pinned=$(awk -v file="$file" '$2 == file { print $1 }' charts/SHA256SUMS)
  if [ -n "$pinned" ] && [ "$pinned" != "$sum" ]; then
    echo "$url has sha256 $sum, charts/SHA256SUMS says $pinned. Likely cause: the file was changed, or a proxy answered in its place. Next: don't use it; compare with $4" >&2
    return 1
  fi
  chmod 0644 "$part" && mv -f "$part" "charts/$file" || return 1
  if [ -z "$pinned" ]; then
    echo "$sum  $file" >>charts/SHA256SUMS
    echo "charts/$file pinned: $sum"
    echo "Compare it with 'digest' of version $3 in $4, then commit charts/SHA256SUMS."
  else
    echo "charts/$file has the pinned sha256 $sum"
  fi
}

main "$@"
