#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2154
set -Eeuo pipefail

# A comma for a point, or another order of letters, would break arithmetic and comparisons.
export LC_ALL=C

# Parameters of this host, as given on the command line: ${param[address]}.
declare -A param=()
# `... | put_file` must note that in this shell, not in a subshell of the pipe.
shopt -s lastpipe
readonly STATE_DIR=/var/lib/ha-kubernetes
readonly LOG_DIR=/var/log/ha-kubernetes
# kubectl's cache; gone with the next boot.
export KUBECACHEDIR=/run/ha-kubernetes-cache
readonly LOCK=/run/lock/ha-kubernetes.lock
# Exit code of an end that was already explained to the operator, also from within $(...).
readonly EXPLAINED=70
step_title="start"
secrets=""
log="" failed=""
timings=""

main() {
  local phase=${1:?phase} pair
  shift
  for pair in "$@"; do
    param["${pair%%=*}"]=${pair#*=}
  done
  become_root "$phase" "$@"
  mkdir -p "$STATE_DIR"
  install -d -m 0700 "$LOG_DIR"
  exec 3>&1 4>&2 9>"$LOCK"
  # Another run on this host, also one whose engine was killed, is waited for.
  flock -w 600 9 || {
    echo "${param[host]}: another run of ha-kubernetes has held $LOCK for 10 minutes. Next: look at it with: fuser -v $LOCK" >&4
    exit 75
  }
  log=$LOG_DIR/$phase.log
  exec >>"$log" 2>&1
  echo "== $(date -Is) $phase"
  trap 'failed=$BASH_COMMAND' ERR
  trap 'finish $?' EXIT
  known_as "$phase"
  "phase_$phase"
}

# known_as PHASE: notes the name under which the host is built. A wipe under another name is the end of a rename:
# the host was built anew under the new name before, and must stay.
known_as() {
  local name
  name=$(cat "$STATE_DIR/host" 2>/dev/null) || true
  if [ "$1" != wipe ]; then
    echo "${param[host]}" | put_file "$STATE_DIR/host" 0644
  elif [ -n "$name" ] && [ "$name" != "${param[host]}" ]; then
    echo "nothing wiped: this host is $name now" >&3
    exit 0
  fi
}

# become_root PHASE ARGS...: goes on as root, keeping standard input.
become_root() {
  [ "$EUID" -ne 0 ] || return 0
  sudo -n true 2>/dev/null || {
    echo "${param[host]}: the ssh user $(id -un) is not root and may not use sudo without a password. Next: add '$(id -un) ALL=(ALL) NOPASSWD: ALL' to sudoers, or set ssh.user to root." >&2
    exit 77
  }
  exec sudo -n bash "$0" "$@"
}

# step TITLE COMMAND...: runs a part of a phase and notes its time.
step() {
  local from=$EPOCHREALTIME code
  step_title=$1
  shift
  echo "-- $step_title"
  "$@"
  # In `step ... || die ...` the shell goes on here after a failure too.
  code=$?
  timings+=" ${step_title// /_}=$(elapsed "$from")"
  return "$code"
}

# elapsed SINCE: seconds since, with a tenth.
elapsed() {
  local us=$((${EPOCHREALTIME/./} - ${1/./}))
  printf '%d.%d' $((us / 1000000)) $((us % 1000000 / 100000))
}

# die SEEN CAUSE NEXT: ends with one sentence an operator can act on.
die() {
  echo "${param[host]}: $1. Likely cause: $2. Next: $3.$(firewall_note)" >&4
  echo "$1" >&2
  exit "$EXPLAINED"
}

# firewall_note: a firewall of the operator's own may be the cause of whatever failed.
firewall_note() {
  local name=""
  if [[ "$(ufw status 2>/dev/null)" == "Status: active"* ]]; then
    name=ufw
  elif [ "$(firewall-cmd --state 2>/dev/null)" = running ]; then
    name=firewalld
  fi
  [ -z "$name" ] || echo " Mind that $name is active on this host: the ports that it must let pass are in the README."
}

finish() {
  trap - EXIT
  if [ "$1" -eq 0 ]; then
    echo "${timings# }" >&3 || true
  elif [ "$1" -ne "$EXPLAINED" ]; then
    {
      echo "${param[host]}: '${failed:0:80}' failed at '$step_title' (exit code $1). Next: read $log on the host.$(firewall_note) Its end:"
      tail -n 6 "$log" | cut -c1-300
    } >&4
  fi
  exit "$1"
}

# retry SECONDS PAUSE COMMAND...: tries again until it succeeds or the time is over.
retry() {
  local end=$((SECONDS + $1)) pause=$2
  shift 2
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep "$pause"
  done
}

# put_file PATH MODE: writes standard input there, whole or not at all.
put_file() {
  local new
  mkdir -p "${1%/*}"
  new=$(mktemp "${1%/*}/.new.XXXXXX")
  cat >"$new"
  chmod "$2" "$new"
  if cmp -s "$new" "$1" && [ "$(stat -c %a "$1")" = "${2#0}" ]; then
    rm -f "$new"
  else
    mv -f "$new" "$1"
  fi
}

# checked_file PATH MODE COMMAND...: writes standard input there if the command, given it as a file, accepts it.
checked_file() {
  local path=$1 mode=$2 new
  shift 2
  mkdir -p "${path%/*}"
  new=$(mktemp "${path%/*}/.check.XXXXXX")
  cat >"$new"
  if ! "$@" "$new" >"$LOG_DIR/check" 2>&1; then
    cat "$LOG_DIR/check"
    rm -f "$new"
    die "the new $path is refused: $(grep -iE 'alert|error|unknown|invalid|line' "$LOG_DIR/check" | head -n 1 | cut -c1-200)" \
      "a value of the stack's config that does not fit, or a package that ha-kubernetes does not know" \
      "read $LOG_DIR/check on the host; what ran before still runs"
  fi
  put_file "$path" "$mode" <"$new"
  rm -f "$new"
}

# filled NAME: the embedded file with @parameter@ replaced by this host's value.
filled() {
  local text key
  text=$(embedded "$1")
  for key in "${!param[@]}"; do
    text=${text//"@$key@"/"${param[$key]}"}
  done
  printf '%s\n' "$text"
}

# receive_secrets: takes files from standard input, each after a line "=== PATH", and writes them with mode 0600.
receive_secrets() {
  secrets=$(cat)
  write_secrets
}

# write_secrets: the same files again, for a part that has to start over.
write_secrets() {
  local line path="" text=""
  while IFS= read -r line; do
    if [[ $line != "=== "* ]]; then
      text+=$line$'\n'
      continue
    fi
    [ -z "$path" ] || printf '%s' "$text" | put_file "$path" 0600
    path=${line#=== } text=""
  done <<<"$secrets"$'\n'"=== "
}

# start_unit UNIT FILE...: enables it, and restarts it if it doesn't run or one of its files differs from what it was
# last started with; that is noted after the restart, so a run killed before it is made good by the next.
start_unit() {
  local unit=$1 sum noted="$STATE_DIR/applied/$1"
  shift
  sum=$(sha256sum "$@" | sha256sum)
  # One reading of all units, 0.3 s of processor time, and not two.
  systemctl enable --quiet --no-reload "$unit"
  systemctl daemon-reload
  if [ "$(cat "$noted" 2>/dev/null)" != "$sum" ] || ! systemctl is-active --quiet "$unit"; then
    systemctl restart "$unit" || die "the service $unit does not start: $(why_not "$unit")" \
      "see its own words before" "on the host: journalctl -u $unit -n 50"
    echo "$sum" | put_file "$noted" 0644
  fi
}

# why_not UNIT: its last word that reads like an error.
why_not() {
  journalctl -u "$1" -n 40 -o cat --no-pager 2>/dev/null | grep -iE 'error|fail|fatal|cannot|alert' | tail -n 1 | cut -c1-200
}
