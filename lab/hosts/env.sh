# Sourced by net.sh and host.sh: what this lab is called, and where it is.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

LAB_DIR="$(realpath -m "${LAB_DIR:?LAB_DIR is the folder of the lab}")"
LAB_ID="${LAB_ID:?LAB_ID is the short name of the lab}"
[[ $LAB_ID =~ ^[a-z0-9]{1,10}$ ]] || {
  printf 'lab: LAB_ID "%s" is not 1 to 10 of a-z and 0-9\n' "$LAB_ID" >&2
  exit 2
}
# systemd-nspawn and overlay split their options at these.
[[ $LAB_DIR != *[:,\ \\]* ]] || {
  printf 'lab: the path %s has a space, comma, colon or backslash\n' "$LAB_DIR" >&2
  exit 2
}

netns="${LAB_NETNS:-hk-$LAB_ID}"
bridge="br-$LAB_ID"
gateway="${LAB_GATEWAY:-192.168.10.1/24}"
hosts="$LAB_DIR/hosts"

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
  say "$@"
  exit 1
}

in_net() { nsenter --net="/run/netns/$netns" -- "$@"; }
