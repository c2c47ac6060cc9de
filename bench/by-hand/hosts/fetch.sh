#!/usr/bin/env bash
# On a host: programs and images, by their sha256. Sourced by the scripts of the roles.
set -euo pipefail

readonly HERE=/root/by-hand CACHE=/var/cache/by-hand
declare -A job=()

# fetch SHA256 PATH: fetches it and refuses another content.
fetch() {
  curl -fsS --retry 3 -o "$CACHE/$1.part" "$BASE/$2"
  # A fifth of sha256sum's time.
  [ "$(openssl dgst -sha256 -r "$CACHE/$1.part" | cut -d' ' -f1)" = "$1" ]
  mv "$CACHE/$1.part" "$CACHE/$1"
}

# fetch_all: everything at once; the same content only once.
fetch_all() {
  local sum path
  mkdir -p "$CACHE"
  while read -r sum path _; do
    [ -z "${job[$sum]:-}" ] || continue
    fetch "$sum" "$path" &
    job[$sum]=$!
  done <"$HERE/artifacts"
}

# there SHA256: waits until it was fetched.
there() {
  [ -e "$CACHE/$1" ] || wait "${job[$1]}"
}

# install_all: programs, as soon as each is there.
install_all() {
  local sum path target members
  while read -r sum path target members; do
    [ "$target" != image ] || continue
    there "$sum"
    mkdir -p "${target%/*}"
    if [ -n "$members" ]; then
      mkdir -p "$target"
      # shellcheck disable=SC2086
      tar -xzf "$CACHE/$sum" -C "$target" --no-same-owner --transform 's|.*/||' $members
    else
      ln -f "$CACHE/$sum" "$target" 2>/dev/null || cp "$CACHE/$sum" "$target"
      chmod 0755 "$target"
    fi
    [ "${path##*/containerd-}" = "$path" ] || start_containerd
  done <"$HERE/artifacts"
}

# import_all: images, one after the other; they share two processors with ten other hosts.
import_all() {
  local sum target
  while read -r sum _ target _; do
    [ "$target" = image ] || continue
    there "$sum"
    # It warns of cgroup v1 each time.
    ctr -n k8s.io images import --local --label io.cri-containerd.pinned=pinned "$CACHE/$sum" >"$CACHE/import" 2>&1 || {
      tail -n 1 "$CACHE/import" >&2
      return 1
    }
    rm -f "$CACHE/$sum"
  done <"$HERE/artifacts"
}

start_containerd() {
  systemctl daemon-reload
  systemctl enable --quiet containerd
  systemctl start --no-block containerd
}
