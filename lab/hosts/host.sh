#!/usr/bin/env bash
# One host of the lab: a systemd-nspawn machine on an overlay of the base root.
set -euo pipefail
# shellcheck source=lab/hosts/env.sh
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
# shellcheck source=lab/hosts/cgroup.sh
. "$(dirname "${BASH_SOURCE[0]}")/cgroup.sh"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

usage() {
  cat >&2 <<'USAGE'
usage: LAB_DIR=… LAB_ID=… host.sh
  keys NAME…           make the lab's ssh key and the hosts' own
  start NAME [ADDRESS [WEIGHT]]
                       boot; the address is needed the first time
  stop NAME            power off
  kill NAME            sudden loss of power; the disk stays
  wipe NAME            the same, and the disk is gone
  cut NAME, uncut NAME the network cable
  wait NAME            until its sshd answers
  exec NAME COMMAND…   run as root inside, also without a network
  running              name and address of each running host
  memory               name and bytes in use of each running host
  down                 end all hosts and remove everything but the keys
USAGE
  exit 2
}

pick() {
  name="${1:-}"
  [[ $name =~ ^[a-z][a-z0-9-]{0,11}$ ]] || die "\"$name\" is no host name of at most 12 of a-z, 0-9 and -"
  dir="$hosts/$name"
  group="lab/$LAB_ID/$name"
}

# Only what sits in the host's own cgroup is the host's, whatever the pid file says.
alive() {
  pid="$(cat "$dir/pid" 2>/dev/null)" && runs_in "$pid" "$group"
}

# The host's own process 1.
init_pid() { pgrep --parent "$(pgrep --parent "$pid" --exact systemd-nspawn)"; }

# A mount below would be emptied with it.
remove() {
  ! grep -qF " $1/" /proc/self/mountinfo || die "something is mounted below $1; not removed"
  rm -rf --one-file-system "$1"
}

keys() {
  mkdir -p "$LAB_DIR/ssh"
  exec 8>"$LAB_DIR/ssh/.lock"
  flock 8
  local key
  for key in id_ed25519 "${@/%/_ed25519}"; do
    [[ $key == id_ed25519 ]] || key="host_$key"
    [[ -e $LAB_DIR/ssh/$key.pub ]] || {
      rm -f "$LAB_DIR/ssh/$key"
      ssh-keygen -q -t ed25519 -N '' -C "${key%_ed25519}@lab" -f "$LAB_DIR/ssh/$key"
    }
  done
  exec 8>&-
}

start() {
  local address="${1:-}" weight="${2:-}" known
  known="$(cat "$dir/address" 2>/dev/null)" || known="$address"
  [[ -n $known ]] || die "$name has no disk yet: start $name ADDRESS"
  [[ ${address:-$known} == "$known" ]] || die "$name has $known on its disk, not $address: wipe $name first"
  ! alive || return 0
  keys "$name"
  end "$group"
  # The cable of a host that lost its power stays while the kernel still clears its namespaces away.
  in_net ip link delete "vb-$name" 2>/dev/null || true
  mkdir -p "$dir"/{disk/{upper,work,containerd,kubelet,etcd},root}
  [[ -s $dir/base ]] || "$here/base.sh" >"$dir/base"
  printf '%s\n' "$known" >"$dir/address"
  [[ -z $weight ]] || printf '%s\n' "$weight" >"$dir/weight"
  # In the cgroup before anything else, so that `down` finds it whoever dies.
  (
    join_supply "$BASHPID" "$group"
    [[ ! -e $dir/weight ]] || weigh "$group" "$(<"$dir/weight")"
    printf '%s\n' "$BASHPID" >"$dir/pid"
    exec setsid nsenter --net="/run/netns/$netns" -- unshare --mount --propagation private \
      env -i PATH="$PATH" LAB_DIR="$LAB_DIR" LAB_ID="$LAB_ID" LAB_GATEWAY="$gateway" bash "$here/host.sh" run "$name" 7>&- 9>&-
  ) </dev/null >>"$dir/console.log" 2>&1 &
  local try
  for try in {1..600}; do
    ! alive || return 0
    sleep 0.1
  done
  die "$name did not start; see $dir/console.log"
}

# What tells one host from the next; the machine id comes last and says it is done.
personalize() {
  local root="$1" key="$LAB_DIR/ssh/host_${name}_ed25519"
  printf '%s\n' "$name" >"$root/etc/hostname"
  printf '%s\n' '127.0.0.1 localhost' "127.0.1.1 $name" '::1 localhost ip6-localhost ip6-loopback' >"$root/etc/hosts"
  # Nobody answers there, and says so at once; an empty file would send CoreDNS to itself.
  printf 'nameserver %s\n' "${gateway%/*}" >"$root/etc/resolv.conf"
  printf '%s\n' "ADDRESS=$(<"$dir/address")/${gateway#*/}" "GATEWAY=${gateway%/*}" >"$root/etc/lab-network"
  install -m 0600 "$key" "$root/etc/ssh/ssh_host_ed25519_key"
  install -m 0644 "$key.pub" "$root/etc/ssh/ssh_host_ed25519_key.pub"
  install -D -m 0600 "$LAB_DIR/ssh/id_ed25519.pub" "$root/root/.ssh/authorized_keys"
  install -D -m 0600 "$LAB_DIR/ssh/id_ed25519.pub" "$root/home/ops/.ssh/authorized_keys"
  chmod 0700 "$root/root/.ssh" "$root/home/ops/.ssh"
  chown -R --reference="$root/home/ops" "$root/home/ops/.ssh"
  tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
}

# Stays as the host's power supply, in a mount namespace of its own: its mounts end with it.
run() {
  local base code
  base="$(<"$dir/base")"
  cd "$dir"
  mount -t overlay "lab-$name" -o "lowerdir=$base,upperdir=$dir/disk/upper,workdir=$dir/disk/work" root
  # The machine's systemd-nspawn keeps notes by machine name here, which another lab may share.
  mkdir -p /run/systemd/nspawn
  mount -t tmpfs tmpfs /run/systemd/nspawn
  [[ -s root/etc/machine-id ]] || personalize "$dir/root"
  while :; do
    code=0
    (
      join_machine "$BASHPID" "$group" || exit 1
      SYSTEMD_SECCOMP=0 SYSTEMD_NSPAWN_USE_CGNS=1 SYSTEMD_NSPAWN_LOCK=0 exec systemd-nspawn --quiet \
        --boot --directory="$dir/root" --machine="$name" --register=no --keep-unit --console=pipe \
        --capability=all --network-bridge="$bridge" \
        --link-journal=no --resolv-conf=off --timezone=off \
        --bind="$dir/disk/containerd:/var/lib/containerd" --bind="$dir/disk/kubelet:/var/lib/kubelet" \
        --bind="$dir/disk/etcd:/var/lib/etcd" --bind=/dev/kmsg
    ) || code=$?
    # Asked for a reboot.
    ((code == 133)) || break
    remove_groups "$group" 1
  done
  return "$code"
}

wait_for_ssh() {
  local address banner
  address="$(<"$dir/address")"
  while ((SECONDS < 180)); do
    { read -r -t 2 -n 4 banner <"/dev/tcp/$address/22"; } 2>/dev/null || banner=''
    [[ $banner != SSH- ]] || return 0
    alive || die "$name ended while booting; see $dir/console.log"
    sleep 0.2
  done
  die "no ssh at $name, $address, for 180 s; see $dir/console.log"
}

stop() {
  if alive; then
    # systemd's signal for "power off".
    kill -s RTMIN+4 "$(init_pid)"
    local try
    for try in {1..300}; do
      alive || break
      sleep 0.1
    done
  fi
  end "$group"
  rm -f "$dir/pid"
}

lose_power() {
  end "$group"
  rm -f "$dir/pid"
}

wipe() {
  lose_power
  remove "$dir"
}

# Packets vanish while the link stays up, as behind a broken switch: the host itself notices nothing.
cable() { in_net bridge link set dev "vb-$name" state "$1"; }

inside() {
  alive || die "$name does not run"
  local init
  init="$(init_pid)"
  join_payload "$BASHPID" "$group" "$init"
  exec nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup -- \
    env -i --chdir=/ HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

running() {
  local path
  for path in "$hosts"/*/; do
    [[ -d $path ]] || continue
    pick "$(basename "$path")"
    ! alive || printf '%s %s\n' "$name" "$(<"$dir/address")"
  done
}

down() {
  end "lab/$LAB_ID"
  LAB_NETNS="$netns" "$here/net.sh" down
  [[ ! -d $hosts ]] || remove "$hosts"
  rmdir "${tops[@]/%//lab}" 2>/dev/null || true
  left
}

# Looks again, by other ways than the ones that cleaned up.
left() {
  local found
  found="$(
    grep -lzF "$hosts/" /proc/[0-9]*/cmdline 2>/dev/null || true
    grep -lF "$hosts/" /proc/[0-9]*/mountinfo 2>/dev/null || true
    find /sys/fs/cgroup -path "*/lab/$LAB_ID*" -type d || true
    find /run/netns -name "$netns" 2>/dev/null || true
    ip -o link show "$bridge" 2>/dev/null || true
    find "$hosts" -maxdepth 1 2>/dev/null || true
  )"
  [[ -z $found ]] || {
    printf '%s\n' "$found"
    die 'the above is left'
  }
}

# Held in turn by the commands of one host, and by `down` against all of them.
lock() {
  mkdir -p "$LAB_DIR/.locks"
  exec 9>"$LAB_DIR/.locks/all"
  flock --wait 120 "$1" 9 || die 'another command on the hosts does not end'
  [[ -z ${name:-} ]] || {
    exec 7>"$LAB_DIR/.locks/$name"
    flock --wait 120 7 || die "another command on $name does not end"
  }
}

command="${1:-}"
shift || usage
case "$command" in
keys | running | memory) "$command" "$@" ;;
start | stop | wipe)
  pick "${1:-}"
  shift
  lock --shared
  "$command" "$@"
  ;;
kill)
  pick "${1:-}"
  lock --shared
  lose_power
  ;;
cut | uncut)
  pick "${1:-}"
  if [[ $command == cut ]]; then cable disabled; else cable forwarding; fi
  ;;
exec)
  pick "${1:-}"
  shift
  inside "$@"
  ;;
wait)
  in_net bash "$here/host.sh" wait-inside "$@"
  ;;
wait-inside)
  pick "${1:-}"
  wait_for_ssh
  ;;
run)
  pick "${1:-}"
  run
  ;;
down)
  lock --exclusive
  down
  ;;
*) usage ;;
esac
