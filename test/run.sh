#!/usr/bin/env bash
# Everything that can be tested without a cluster: types, style, and all specs but those of test/lab.
# usage: test/run.sh [--install]
#   --install   fetches missing system programs with apt-get (also when CI=true); needs root on Debian or Ubuntu
# Closes with one line, "N passed, N failed, N skipped", and fails if anything failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly BIN=node_modules/.bin

# Programs that the tests ask for and the Debian packages that bring them.
readonly PROGRAMS=(
  shellcheck=shellcheck shfmt=shfmt openssl=openssl sshd=openssh-server ssh-keygen=openssh-client
  haproxy=haproxy keepalived=keepalived nft=nftables socat=socat curl=curl ss=iproute2 mariadbd=mariadb-server-core mariadb-dump=mariadb-client
)
export PATH=$PATH:/usr/sbin:/sbin

main() {
  local began=$SECONDS
  programs "${1:-}"
  bash packages.sh
  logs=$(mktemp -d)
  trap 'rm -rf "$logs"' EXIT
  # The longest first; many of the specs wait for something, so two more at a time than there are processors.
  run component unit plugins docs lint format shellcheck shfmt
  summary "$began"
}

# Rules and types in one.
lint() { one "$BIN/oxlint" .; }

format() { one "$BIN/oxfmt" --check .; }

shellcheck() { one_if_there shellcheck -x "${shell_files[@]}"; }

shfmt() { one_if_there shfmt -i 2 -d "${shell_files[@]}"; }

# All that no other part takes, so that a new folder is not forgotten.
unit() {
  specs --parallel --jobs 2 "test/**/*.spec.ts" \
    --ignore "test/component/**" --ignore "test/plugins/**" --ignore "test/docs/**" --ignore "test/lab/**"
}

# Pulumi's mocks are a whole process's.
# A program's promises die young: with more room for the young a fifth of the processor time is spared.
component() { NODE_OPTIONS=--max-semi-space-size=64 specs "test/component/**/*.spec.ts"; }

plugins() { specs "test/plugins/**/*.spec.ts"; }

docs() { specs "test/docs/**/*.spec.ts"; }

# A test that hangs fails by its own time; what it left open must not keep the rest waiting.
specs() { timeout --kill-after 10 900 "$BIN/mocha" --exit --reporter test/reporter.ts "$@"; }

# one COMMAND...: a tool that counts as one test.
one() {
  if "$@"; then echo "1 passed, 0 failed"; else
    echo "0 passed, 1 failed"
    return 1
  fi
}

# one_if_there TOOL ARGUMENT...: the same for a tool that need not be on the machine.
one_if_there() {
  if type -P "$1" >/dev/null; then one command "$@"; else
    echo "skipped: $1 (this machine has no $1)"
    echo "0 passed, 0 failed, 1 skipped"
  fi
}

# run PART...: each in the background, with a log of its own.
run() {
  local part jobs
  mapfile -t shell_files < <(list_shell_files)
  jobs=$(($(nproc) + 2))
  for part in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
    timed "$part" &
  done
  wait
}

timed() {
  local from=$EPOCHREALTIME code=0 us
  "$1" >"$logs/$1" 2>&1 </dev/null || code=$?
  us=$((${EPOCHREALTIME/./} - ${from/./}))
  [ "$code" -eq 0 ] || touch "$logs/$1.failed"
  printf '%-6s %5d.%d s  %-10s %s\n' "$([ "$code" -eq 0 ] && echo ok || echo FAILED)" \
    $((us / 1000000)) $((us % 1000000 / 100000)) "$1" "$(tail -n 1 "$logs/$1")"
}

# Tracked and new files; also those without a suffix that bash runs.
list_shell_files() {
  git ls-files -co --exclude-standard -z | while IFS= read -r -d '' file; do
    [ -f "$file" ] || continue
    case "${file##*/}" in
    *.sh) echo "$file" ;;
    *.*) ;;
    *) ! head -c 64 "$file" | grep -qE '^#!.*\b(ba)?sh\b' || echo "$file" ;;
    esac
  done
}

summary() {
  local log passed=0 failed=0 skipped=0 sum='^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$'
  for log in "$logs"/*.failed; do
    [ -e "$log" ] || continue
    echo "== ${log##*/}"
    cat "${log%.failed}"
  done
  grep -h '^skipped: ' "$logs"/* || true
  for log in "$logs"/*; do
    if [[ $log == *.failed ]]; then continue; fi
    if [[ "$(tail -n 1 "$log")" =~ $sum ]]; then
      passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
      [ "${BASH_REMATCH[2]}" -gt 0 ] || [ ! -e "$log.failed" ] || failed=$((failed + 1))
    else
      failed=$((failed + 1))
    fi
  done
  echo "$((SECONDS - $1)) s"
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

# programs [--install]: what is missing is installed, or named.
programs() {
  local pair missing=()
  for pair in "${PROGRAMS[@]}"; do
    type -P "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$EUID" -eq 0 ] && type -P apt-get >/dev/null && { [ "${1:-}" = --install ] || [ "${CI:-}" = true ]; }; then
    install_packages "${missing[@]}"
  else
    echo "missing, so some tests are skipped or fail: ${missing[*]}. Next: apt-get install ${missing[*]}, or as root: bash test/run.sh --install"
  fi
}

install_packages() (
  policy=/usr/sbin/policy-rc.d
  echo "installing: $*"
  # The programs are wanted, not their services.
  [ -e "$policy" ] || {
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 0755 "$policy"
  }
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "$@" >/dev/null
)

main "$@"
