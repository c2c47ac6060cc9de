#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

# Facts first, then judgement, then change: nothing here changes the host.

# preflight_system: the distribution is one we know, the clock is right.
preflight_system() {
  local id version
  # shellcheck disable=SC1091
  id=$(. /etc/os-release && echo "$ID") version=$(. /etc/os-release && echo "${VERSION_ID:-}")
  case "$id $version" in
  "debian 12" | "debian 13" | "ubuntu 22.04" | "ubuntu 24.04") ;;
  *) die "the distribution is '$id $version'" "a host that was never prepared for ha-kubernetes" \
    "install Debian 12 or 13, or Ubuntu 22.04 or 24.04" ;;
  esac
  [ "$(uname -m)" = "$MACHINE" ] || die "the CPU is $(uname -m), the config says $MACHINE" \
    "'architecture' in the config is wrong" "set architecture to what all hosts have"
  preflight_programs curl openssl tar ip ss
  [ -d /run/systemd/system ] || die "systemd does not run" "the host is a plain container" "use a host that systemd boots"
}

# preflight_programs NAME...: what the steps themselves are made of.
preflight_programs() {
  local name missing=()
  for name in "$@"; do
    command -v "$name" >/dev/null || missing+=("$name")
  done
  [ "${#missing[@]}" -eq 0 ] || die "the programs ${missing[*]} are missing" "a minimal installation" \
    "on the host: apt-get install curl openssl tar iproute2"
}

# preflight_services NAME...: a service of this name is somebody else's, and would be replaced.
preflight_services() {
  local name
  for name in "$@"; do
    ! systemctl is-active --quiet "$name" || die "the service $name runs already" \
      "the host has a container runtime or a cluster that ha-kubernetes did not install" \
      "take it off the host (its containers end), as in: apt-get purge docker.io docker-ce containerd containerd.io"
  done
}

# preflight_clock URL: this host's clock against the Date header of the artifact server.
# 30 s is what k0sctl accepts; certificates are valid from an hour before they are made.
preflight_clock() {
  local theirs skew
  theirs=$(curl -sSI --max-time 10 "$1" | tr -d '\r' | sed -n 's/^[Dd]ate: //p') || true
  [ -n "$theirs" ] || return 0
  skew=$(($(date +%s) - $(date -d "$theirs" +%s)))
  [ "${skew#-}" -le 30 ] || die "the clock is ${skew}s off (against $1)" "no time synchronisation runs" \
    "install chrony or systemd-timesyncd, check with: timedatectl"
}

# preflight_swap: kubelet refuses to run with swap, and swap that the host can't switch off stays.
preflight_swap() {
  [ -z "$(swapon --show --noheadings)" ] || swapoff -a 2>/dev/null || true
  [ -z "$(swapon --show --noheadings)" ] || die "swap is on: $(swapon --show=NAME --noheadings | tr '\n' ' ')" \
    "swapoff -a failed (a container, or too little memory)" "switch it off on the host or its hypervisor"
}

# preflight_ports PORT...: nobody else listens; asked only before the first build.
preflight_ports() {
  local port owner
  for port in "$@"; do
    owner=$(ss -Hltnp "sport = :$port" | sed -n 's/.*users:(("\([^"]*\)".*/\1/p' | head -n 1)
    [ -z "$(ss -Hltn "sport = :$port")" ] || die "port $port is in use by ${owner:-another process}" \
      "another service, or a cluster built by other means" "stop it; see: ss -ltnp 'sport = :$port'"
  done
}

# preflight_disk FOLDER MIB: room that the build needs below the folder.
preflight_disk() {
  local free
  mkdir -p "$1"
  free=$(($(stat -f -c '%a * %S / 1048576' "$1")))
  [ "$free" -ge "$2" ] || die "$1 has $free MiB free, $2 MiB are needed" "the disk is full or too small" \
    "make room or mount a larger disk there; see: df -h $1"
}

# preflight_fsync FOLDER MS: p99 of 100 small fsynced writes, as etcd's write-ahead log does them.
# https://etcd.io/docs/v3.6/op-guide/hardware/#disks
preflight_fsync() {
  local i from file="$1/.latency" p99
  p99=$(for ((i = 0; i < 100; i++)); do
    from=${EPOCHREALTIME/./}
    head -c 2300 /dev/zero >>"$file"
    sync --data "$file"
    echo $((${EPOCHREALTIME/./} - from))
  done | sort -n | tail -n 2 | head -n 1)
  rm -f "$file"
  echo "fsync p99: $p99 us"
  [ "$p99" -le $(($2 * 1000)) ] || die "an fsync on $1 takes $((p99 / 1000)) ms (p99)" \
    "a slow or shared disk" "put $1 on a local SSD; accepted are $2 ms"
}

# first_time: true until the host was claimed for this very cluster (parameter `cluster`: its id).
first_time() {
  [ "$(cat "$STATE_DIR/cluster" 2>/dev/null)" != "${param[cluster]}" ]
}

# claim: notes that this host belongs to this cluster; from here on what is found is ours.
claim() {
  printf '%s\n' "${param[cluster]}" | put_file "$STATE_DIR/cluster" 0644
}
