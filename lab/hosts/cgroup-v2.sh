# Sourced by cgroup.sh: cgroup v2, one tree, in which a group has either processes or controllers for groups below.
# shellcheck shell=bash disable=SC2034
tops=(/sys/fs/cgroup)
processes_top=/sys/fs/cgroup
memory_top=/sys/fs/cgroup memory_used=memory.current memory_droppable=inactive_file

unfit() {
  local controller
  hand_down /sys/fs/cgroup
  for controller in cpuset cpu memory pids; do
    grep -qw "$controller" /sys/fs/cgroup/cgroup.subtree_control ||
      echo "cgroup v2 has no controller $controller to hand down (a container, or the controller is in use by cgroup v1)"
  done
}

# hand_down PATH: its controllers, to the groups below; one that is missing is no reason to lack the others.
hand_down() {
  local controller
  for controller in cpuset cpu io memory pids; do
    echo "+$controller" 2>/dev/null >"$1/cgroup.subtree_control" || true
  done
}

runs_in() { grep -qsx "0::/$2/supply" "/proc/$1/cgroup"; }

join_supply() { join "$1" "$2" supply; }

thaw() { :; }

# The kernel's own number is 100.
weigh() { echo $((100 * $2)) >"/sys/fs/cgroup/$1/cpu.weight"; }

# systemd-nspawn makes groups below its own for itself and its payload, and hands the controllers on.
join_machine() { join "$1" "$2" machine; }

# Beside the host's process 1, wherever its systemd put that.
join_payload() { echo "$1" >"/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$3/cgroup")/cgroup.procs"; }

# join PID GROUP PART
join() {
  local path=/sys/fs/cgroup part
  for part in ${2//\// }; do
    hand_down "$path"
    path+="/$part"
    mkdir -p "$path"
  done
  hand_down "$path"
  mkdir -p "$path/$3"
  echo "$1" >"$path/$3/cgroup.procs"
}
