#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2154
set -euo pipefail

# The embedded file "artifacts" has one line per file: NAME PATH SHA256 [MEMBER...]; a sum of "-" is the bundle's to say.
# A bundle's own manifest has lines SHA256 PATH [IMAGE...] and is itself pinned by MANIFEST_SHA256.
readonly CACHE=/var/cache/ha-kubernetes

# fetch_manifest: what a bundle holds; nothing to do for other sources.
fetch_manifest() {
  [ -z "$MANIFEST_SHA256" ] || download manifest.txt "$MANIFEST_SHA256" >/dev/null
}

# sum_of PATH SHA256: the pinned sum of one file.
sum_of() {
  if [ "$2" != "-" ]; then
    echo "$2"
  else
    awk -v path="$1" '$2 == path { print $1; found = 1 } END { exit !found }' "$CACHE/$MANIFEST_SHA256" ||
      die "the bundle has no $1" "a bundle made for other versions" "make the bundle again and set artifacts.manifestSha256"
  fi
}

# file_sum FILE: its sha256; openssl uses the processor's instructions for it, which sha256sum of Debian 12 does not:
# 0.2 s instead of 1 s of processor time for a kubelet.
file_sum() {
  openssl dgst -sha256 -r "$1" | cut -d' ' -f1
}

# download PATH SHA256: fetches it once by content, refuses another sum before anything uses it, prints where it lies.
download() {
  local file="$CACHE/$2" sum
  # Also what lies here is checked: a loss of power may have left half a file under a whole name.
  if [ ! -e "$file" ] || [ "$(file_sum "$file")" != "$2" ]; then
    rm -f "$file"
    mkdir -p "$CACHE"
    curl -fsSL --retry 4 --retry-all-errors --retry-max-time 50 --connect-timeout 10 -o "$file.part" "$ARTIFACT_BASE/$1" ||
      die "$ARTIFACT_BASE/$1 can't be fetched (curl exit code $?)" "no way from this host to that address, or a wrong artifacts.baseUrl" \
        "on the host: curl -fI $ARTIFACT_BASE/$1"
    sum=$(file_sum "$file.part")
    if [ "$sum" != "$2" ]; then
      rm -f "$file.part"
      die "$ARTIFACT_BASE/$1 has sha256 $sum, pinned is $2" "the file was changed, or a proxy answered in its place" \
        "don't use it; compare with the publisher's sum"
    fi
    mv -f "$file.part" "$file"
  fi
  echo "$file"
}

# artifact NAME: sets artifact_path, artifact_sum and artifact_members.
artifact() {
  read -r _ artifact_path artifact_sum artifact_members < <(embedded artifacts | awk -v name="$1" '$1 == name') ||
    die "no artifact is called $1" "a fault of ha-kubernetes" "report it"
  artifact_sum=$(sum_of "$artifact_path" "$artifact_sum")
}

# install_binary NAME TARGET: the file itself is the program.
install_binary() {
  artifact "$1"
  installed "$1" && return
  local file
  file=$(download "$artifact_path" "$artifact_sum")
  place "$file" "$2"
  note_installed "$1" "$2"
}

# install_tar NAME FOLDER: the wanted members of a tar.gz, without their folders.
install_tar() {
  artifact "$1"
  installed "$1" && return
  local file member temp
  file=$(download "$artifact_path" "$artifact_sum")
  temp=$(mktemp -d "$CACHE/unpack.XXXXXX")
  # shellcheck disable=SC2086
  tar -xzf "$file" -C "$temp" --no-same-owner $artifact_members
  for member in $artifact_members; do
    place "$temp/$member" "$2/${member##*/}"
  done
  rm -rf "$temp" "$file"
  note_installed "$1" "$2/${member##*/}"
}

# place FILE TARGET: links or copies it there as a program, whole or not at all.
place() {
  mkdir -p "${2%/*}"
  cp -lf "$1" "$2.new" 2>/dev/null || cp -f "$1" "$2.new"
  chmod 0755 "$2.new"
  mv -f "$2.new" "$2"
}

# installed NAME: true if the pinned sum is what stands.
installed() {
  local noted
  noted=$(cat "$STATE_DIR/installed/$1" 2>/dev/null) || return 1
  [ "${noted% *}" = "$artifact_sum" ] && [ -x "${noted#* }" ]
}

note_installed() {
  echo "$artifact_sum $2" | put_file "$STATE_DIR/installed/$1" 0644
}

# first_artifact_url: any address that the host must reach anyway.
first_artifact_url() {
  echo "$ARTIFACT_BASE/$(embedded artifacts | awk 'NR == 1 { print $2 }')"
}
