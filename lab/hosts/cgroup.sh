# Sourced by host.sh and machine.sh: the hosts' cgroups, lab/LAB_ID/NAME in each hierarchy of the machine.
# shellcheck shell=bash

# What the two versions differ in:
#   tops                 where hierarchies begin
#   processes_top        the one that has every process of a host
#   memory_top, memory_used, memory_droppable   where the memory is counted, and the names of two counts
#   unfit                why no host can run here, or nothing
#   runs_in PID GROUP    whether the process is this host's power supply
#   join_supply PID GROUP, join_machine PID GROUP, join_payload PID GROUP INIT
#                        put a process into the power supply's group, systemd-nspawn's, the host's own
#   thaw GROUP           let frozen processes go on, as on v1 those don't end
#   weigh GROUP WEIGHT   a host's claim to the processors where all want them; any other host's is 1
if [[ $(stat -fc %T /sys/fs/cgroup) == cgroup2fs ]]; then
  # shellcheck source=lab/hosts/cgroup-v2.sh
  . "$(dirname "${BASH_SOURCE[0]}")/cgroup-v2.sh"
else
  # shellcheck source=lab/hosts/cgroup-v1.sh
  . "$(dirname "${BASH_SOURCE[0]}")/cgroup-v1.sh"
fi

processes() { find "$processes_top/$1" -name cgroup.procs -exec cat {} + 2>/dev/null || true; }

# remove_groups PATH [DEPTH]: those without processes; from that depth on.
remove_groups() { find "${tops[@]/%//$1}" -mindepth "${2:-0}" -depth -type d -exec rmdir {} + 2>/dev/null || true; }

# All processes below a cgroup, then the cgroups themselves.
end() {
  local pids try
  for try in {1..100}; do
    mapfile -t pids < <(processes "$1")
    ((${#pids[@]})) || break
    ((try < 100)) || die "processes ${pids[*]} do not end"
    thaw "$1"
    kill -KILL "${pids[@]}" 2>/dev/null || true
    sleep 0.1
  done
  # The kernel lets go of a cgroup a moment after its last process.
  for try in {1..50}; do
    remove_groups "$1"
    there "$1" || return 0
    sleep 0.1
  done
  die "cgroup $1 is still there"
}

# there PATH: whether a hierarchy still has that group.
there() {
  local top
  for top in "${tops[@]}"; do
    [[ ! -e $top/$1 ]] || return 0
  done
  return 1
}

# Name and bytes of each host, as the kubelet counts: without file pages the kernel can drop at will.
memory() {
  local path
  for path in "$memory_top/lab/$LAB_ID"/*/; do
    [[ -d $path ]] || continue
    awk -v name="$(basename "$path")" -v used="$(<"$path/$memory_used")" -v droppable="$memory_droppable" \
      '$1 == droppable { printf "%s %d\n", name, used - $2 }' "$path/memory.stat"
  done
}
