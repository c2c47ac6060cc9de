# shellcheck shell=bash
# Sourced by every bash on a host that a test prepared (BASH_ENV). Counts the lines that a run of a role's script comes
# to, each once, in /root/kills/PHASE.lines. Where /root/kills/PHASE lists numbers, each run takes the next of them, and
# is killed with all it started before it comes to so many lines; once the list is empty, runs are left alone.
if [[ ${0##*/} == .ha-kubernetes-*.sh && (! -e /root/kills/$1 || -s /root/kills/$1) ]]; then
  killed_phase=$1 killed_at="" killed_count=0
  declare -A killed_seen=()
  if [ -e "/root/kills/$1" ]; then
    killed_at=$(head -n 1 "/root/kills/$1")
    sed -i 1d "/root/kills/$1"
  fi
  killed_before() {
    [ -z "${killed_seen[$1]:-}" ] || return 0
    killed_seen[$1]=1
    killed_count=$((killed_count + 1))
    echo "$killed_count" >"/root/kills/$killed_phase.lines"
    [ "$killed_count" = "$killed_at" ] || return 0
    echo "$killed_phase, line $1: $2: ${3%%$'\n'*}" >>/root/killed
    kill -KILL 0
  }
  set -o functrace
  trap 'killed_before "$LINENO" "${FUNCNAME[0]:-main}" "$BASH_COMMAND"' DEBUG
fi
