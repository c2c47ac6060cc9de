# Sourced by cgroup.sh: cgroup v1, a hierarchy for each controller.
# shellcheck shell=bash disable=SC2034
tops=(/sys/fs/cgroup/*)
processes_top=/sys/fs/cgroup/pids
memory_top=/sys/fs/cgroup/memory memory_used=memory.usage_in_bytes memory_droppable=total_inactive_file

unfit() {
  local controller
  for controller in pids memory cpuset; do
    [[ -d /sys/fs/cgroup/$controller ]] || echo "no cgroup v2 and no v1 hierarchy of $controller at /sys/fs/cgroup"
  done
}

runs_in() { grep -qsx "[0-9]*:pids:/$2" "/proc/$1/cgroup"; }

join_supply() { join "$1" "$2"; }

join_machine() { :; }

# runc freezes what it makes while it asks systemd for its devices; ended at that moment it leaves it frozen.
thaw() {
  local file
  while read -r file; do
    echo THAWED >"$file" || true
  done < <(find "/sys/fs/cgroup/freezer/$1" -name freezer.state 2>/dev/null)
}

# The kernel's own number is 1024.
weigh() {
  local file
  for file in /sys/fs/cgroup/*/"$1"/cpu.shares; do
    [[ ! -e $file ]] || echo $((1024 * $2)) >"$file"
  done
}

# systemd-nspawn keeps itself apart from its payload in some hierarchies.
join_payload() { join "$1" "$2" payload; }

# join PID GROUP [PART]: the part where there is one.
join() {
  local hierarchy file part
  for hierarchy in /sys/fs/cgroup/*/; do
    if [[ -e $hierarchy/cpuset.cpus && ! -d $hierarchy/lab/$LAB_ID ]]; then
      # Without processors and memory of its own a cpuset takes no process.
      mkdir -p "$hierarchy/lab"
      for file in cpuset.cpus cpuset.mems; do
        cat "$hierarchy/$file" >"$hierarchy/lab/$file"
      done
      echo 1 >"$hierarchy/lab/cgroup.clone_children"
    fi
    part="$hierarchy/$2/${3:-}"
    [[ -d $part ]] || part="$hierarchy/$2"
    mkdir -p "$part"
    echo "$1" >"$part/cgroup.procs"
  done
}
