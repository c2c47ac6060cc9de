#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

# What an operator looks at after a build, as one list of findings; used by the build, the lab, the health command and the tests.
#
# Alone:            bash checks.sh [--fast] KUBECONFIG [name=value ...]
# In a role script: phase `check`, with the same parameters.
#
# Each finding is a line: ok|warn|fail, name, what was seen, and the next command when not ok, parted by tabs.
# Exit code 1 if anything fails.
#
#   nodes=A,B      nodes that the config declares; without it only what the cluster knows is looked at
#   version=X.Y.Z  Kubernetes version that the config declares
#   endpoint=H:P   address of the API to go through; default: the kubeconfig's own
#   etcd=A,B       addresses of etcd's members; etcd_ca=, etcd_cert=, etcd_key=: paths, default those of a kubeadm master
#   namespaces=A,B namespaces of the pods that are looked at, default kube-system
#   metrics=yes    usage of nodes is to be known (metrics-server)
#   class=C        storage class of which a volume is to be bound and mounted
#   retains=yes    volumes of that class outlive their claim
#   domain=D       DNS domain of the cluster, default cluster.local
#   deadline=N     seconds in which a cluster may settle, default 60; only the last state is reported
#   pull=N         seconds after which an image that can't be pulled is no longer waited for, default 45
#   fast=yes       read only, at once: no pods are made, nothing is waited for
#   services=HASH  not read: with other services the build looks again
#   image=REF      image of the check pods
#   kubeconfig=F   default /etc/kubernetes/admin.conf

# phase_check: as a phase of a role; the findings are the phase's output.
phase_check() {
  local findings status=0 name seen next
  findings=$(run_checks) || status=$?
  printf '%s\n' "$findings"
  printf '%s\n' "$findings" >&3
  [ "$status" -ne 0 ] || return 0
  IFS=$'\t' read -r _ name seen next <<<"$(grep -m 1 "^fail" <<<"$findings")"
  die "the cluster is not as it should be, $(grep -c '^fail' <<<"$findings") checks fail; the first: $name: $seen" \
    "see the findings above it" "$next"
}

# run_checks: prints all findings, from a subshell, because it has a trap and a shell mode of its own.
run_checks() {
  (all_checks)
}

all_checks() {
  local group groups jobs=()
  # A check looks at failures itself; the first must not end the rest.
  set +e
  kubeconfig=${param[kubeconfig]:-/etc/kubernetes/admin.conf}
  server=${param[endpoint]:+https://${param[endpoint]#https://}}
  kubectl=(kubectl --kubeconfig "$kubeconfig" ${server:+"--server=$server"})
  namespace=ha-kubernetes-checks-$((RANDOM % 9000 + 1000))$((RANDOM % 9000 + 1000))
  domain=${param[domain]:-cluster.local}
  started=$EPOCHSECONDS
  patience=${param[deadline]:-60}
  [ "${param[fast]:-no}" != yes ] || patience=0
  work=$(mktemp -d)
  trap check_cleanup EXIT
  trap 'exit 130' INT TERM
  groups="api cluster etcd certificates"
  [ "${param[fast]:-no}" = yes ] || groups+=" network"
  for group in $groups; do
    settle "$group" "$work/$group" 2>>"$work/stderr" &
    jobs+=("$!")
  done
  for group in $groups; do
    wait "${jobs[0]}" || finding fail "$group" "the check itself broke" "report it, with the lines below" >>"$work/$group"
    jobs=("${jobs[@]:1}")
    cat "$work/$group"
  done >"$work/all"
  cat "$work/all"
  [ ! -s "$work/stderr" ] || sed 's/^/checks.sh: /' "$work/stderr" >&2
  ! grep -q '^fail' "$work/all"
}

# settle GROUP FILE: repeats a group until nothing in it fails or the time is over; the file holds its last findings.
settle() {
  # The network takes longest anyway, and mostly waits in a watch; the others leave the time to those who build, the more of it
  # the longer those take: with a dozen clients every two seconds m1 took 0.55 of the lab's two processors, and 0.2 once they were done.
  local pause=2
  [ "$1" != network ] || pause=0.3
  while :; do
    "check_$1" >"$2"
    grep -q '^fail' "$2" || return 0
    [ "$EPOCHSECONDS" -lt $((started + patience)) ] || return 0
    # It is tried again, but whoever wrote a wrong name is told now.
    ! grep -q '^fail.*ImagePullBackOff' "$2" || [ "$EPOCHSECONDS" -lt $((started + ${param[pull]:-45})) ] || return 0
    sleep "$pause"
    [ "$1" = network ] || [ "$pause" -ge 8 ] || pause=$((pause * 3 / 2))
  done
}

# finding ok|warn|fail NAME SEEN [NEXT]
finding() {
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "${3//[$'\t\n']/ }" "${4:-}"
}

check_cleanup() {
  # shellcheck disable=SC2046
  kill $(jobs -p) 2>/dev/null
  [ ! -e "$work/workload" ] || [ "${param[retains]:-no}" != yes ] || let_go_of_volume
  [ ! -e "$work/workload" ] || kc 10 delete namespace "$namespace" --wait=false --ignore-not-found >/dev/null
  rm -rf "$work"
}

# kc SECONDS ARGS...: kubectl with an end.
kc() {
  timeout "$1" "${kubectl[@]}" "${@:2}"
}

# some WORD...: the words with commas, the first six of them.
some() {
  local text
  printf -v text '%s, ' "${@:1:6}"
  echo "${text%, }$([ $# -le 6 ] || echo " and $(($# - 6)) more")"
}

# last_line TEXT: the end of an error, short enough for a table.
last_line() {
  tail -n 1 <<<"$1" | cut -c1-240
}

# checks_main [--fast] KUBECONFIG [name=value ...]: what runs when this file is no part of a role's script.
checks_main() {
  local word
  declare -gA param=()
  for word in "$@"; do
    case $word in
    --fast) param[fast]=yes ;;
    *=*) param["${word%%=*}"]=${word#*=} ;;
    *) param[kubeconfig]=$word ;;
    esac
  done
  param[kubeconfig]=${param[kubeconfig]:-${KUBECONFIG:-/etc/kubernetes/admin.conf}}
  run_checks
}

if ! declare -F become_root >/dev/null && [ "${BASH_SOURCE[0]}" = "$0" ]; then
  for part in cluster hosts workload network; do
    # shellcheck disable=SC1090
    declare -F check_network >/dev/null || source "$(dirname "$0")/$part.sh"
  done
  checks_main "$@"
fi
