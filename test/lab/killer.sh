# shellcheck shell=bash
# Sourced by every bash on a host that a test prepared (BASH_ENV): kills a role's script, and all it started, before
# the Nth of the lines that it comes to, each counted once. Each run of a phase takes the next N from
# /root/kills/PHASE; runs that find none are left alone.
if [[ ${0##*/} == .ha-kubernetes-*.sh && -s /root/kills/$1 ]]; then
  killed_phase=$1 killed_at=$(head -n 1 "/root/kills/$1") killed_count=0
  declare -A killed_seen=()
  sed -i 1d "/root/kills/$1"
  killed_before() {
    [ -z "${killed_seen[$1]:-}" ] || return 0
    killed_seen[$1]=1
    killed_count=$((killed_count + 1))
    echo "$killed_count" >"/root/kills/$killed_phase.count"
    [ "$killed_count" -ge "$killed_at" ] || return 0
    echo "$killed_phase, line $1: $2: ${3%%$'\n'*}" >>/root/killed
    kill -KILL 0
  }
  set -o functrace
  trap 'killed_before "$LINENO" "${FUNCNAME[0]:-main}" "$BASH_COMMAND"' DEBUG
fi
