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
#   namespaces=A,B namespaces of the system's pods, default kube-system
#   domain=D       DNS domain of the cluster, default cluster.local
#   deadline=N     seconds in which a cluster may settle, default 60; only the last state is reported
#   fast=yes       read only, at once: no pods are made, nothing is waited for
#   image=REF      image of the check pods
#   kubeconfig=F   default /etc/kubernetes/admin.conf

# Days before its end at which a certificate is a fault; kubeadm renews at an upgrade, so a month is left to plan one.
readonly CHECK_CERTIFICATE_DAYS=30

# phase_check: as a phase of a role; the findings are the phase's output.
phase_check() {
  local findings status=0 name seen next
  findings=$(run_checks) || status=$?
  tee /dev/fd/3 <<<"$findings"
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
  while :; do
    "check_$1" >"$2"
    grep -q '^fail' "$2" || return 0
    [ "$EPOCHSECONDS" -lt $((started + patience)) ] || return 0
    sleep 0.3
  done
}

# finding ok|warn|fail NAME SEEN [NEXT]
finding() {
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "${3//[$'\t\n']/ }" "${4:-}"
}

check_cleanup() {
  # shellcheck disable=SC2046
  kill $(jobs -p) 2>/dev/null
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

check_api() {
  local answer from=$EPOCHREALTIME where=${server:-the API}
  if answer=$(kc 10 get --raw /readyz 2>&1); then
    finding ok api "$where answers /readyz within $(((${EPOCHREALTIME/./} - ${from/./}) / 1000)) ms"
  else
    finding fail api "$where/readyz: $(last_line "$answer")" "kubectl get --raw '/readyz?verbose'; on the masters: crictl ps -a"
  fi
}

# shellcheck disable=SC2016
# One line per object: kind|namespace|name|..., read in one request per kind and by one kubectl.
readonly CHECK_FACTS='{{range .items}}{{$m := .metadata}}{{$ready := ""}}{{range .status.conditions}}{{if eq .type "Ready"}}{{$ready = .status}}{{end}}{{end -}}
{{if eq .kind "Node"}}node||{{$m.name}}|{{$ready}}|{{.status.nodeInfo.kubeletVersion}}|{{if .spec.unschedulable}}cordoned{{end}}|{{if exists $m.labels "node-role.kubernetes.io/control-plane"}}master{{end}}
{{else if eq .kind "Pod"}}pod|{{$m.namespace}}|{{$m.name}}|{{$ready}}|{{.status.phase}}|{{.spec.nodeName}}
{{else if eq .kind "DaemonSet"}}set|{{$m.namespace}}|daemonset/{{$m.name}}|{{.status.desiredNumberScheduled}}|{{or .status.numberReady 0}}
{{else if eq .kind "Deployment"}}set|{{$m.namespace}}|deployment/{{$m.name}}|{{.spec.replicas}}|{{or .status.availableReplicas 0}}
{{else if eq .kind "Lease"}}lease|{{$m.namespace}}|{{$m.name}}|{{.spec.holderIdentity}}|{{.spec.renewTime}}|{{.spec.leaseDurationSeconds}}
{{end}}{{end}}'

check_cluster() {
  local facts="" part space spaces kinds=nodes,leases.coordination.k8s.io,
  IFS=, read -ra spaces <<<"${param[namespaces]:-kube-system}"
  for space in "${spaces[@]}"; do
    if ! part=$(kc 30 -n "$space" get "${kinds}pods,daemonsets.apps,deployments.apps" -o go-template="$CHECK_FACTS" 2>"$work/facts"); then
      finding fail cluster "its objects can't be read: $(last_line "$(<"$work/facts")")" "kubectl get nodes"
      return
    fi
    facts+=$part$'\n'
    kinds=""
  done
  look_at_nodes <<<"$facts"
  look_at_versions <<<"$facts"
  look_at_system_pods <<<"$facts"
  look_at_leases <<<"$facts"
  look_at_tokens
}

look_at_nodes() {
  local kind name state cordoned expected declared=${param[nodes]:-} missing=() down=() strange=() resting=() count=0
  declare -A seen=()
  while IFS='|' read -r kind _ name state _ cordoned _; do
    [ "$kind" = node ] || continue
    seen[$name]=1 count=$((count + 1))
    [ "$state" = True ] || down+=("$name")
    [ -z "$cordoned" ] || resting+=("$name")
    [[ -z $declared || ,$declared, = *,$name,* ]] || strange+=("$name")
  done
  for expected in ${declared//,/ }; do
    [ -n "${seen[$expected]:-}" ] || missing+=("$expected")
  done
  if [ "${#missing[@]}" -gt 0 ]; then
    finding fail nodes "not in the cluster: $(some "${missing[@]}")" "run pulumi up again; on that host: journalctl -u kubelet -n 50"
  elif [ "${#down[@]}" -gt 0 ]; then
    finding fail nodes "not Ready: $(some "${down[@]}")" "kubectl describe node ${down[0]}"
  elif [ "$count" -eq 0 ]; then
    finding fail nodes "the cluster has no node" "kubectl get nodes"
  elif [ "${#strange[@]}" -gt 0 ]; then
    finding warn nodes "$count Ready, but not in the config: $(some "${strange[@]}")" "kubectl delete node ${strange[0]}, or add it to the config"
  elif [ "${#resting[@]}" -gt 0 ]; then
    finding warn nodes "$count Ready, but cordoned: $(some "${resting[@]}")" "kubectl uncordon ${resting[0]}"
  else
    finding ok nodes "all $count nodes are Ready"
  fi
}

look_at_versions() {
  local kind name version other=() all=()
  while IFS='|' read -r kind _ name _ version _; do
    [ "$kind" = node ] || continue
    all+=("$version")
    [ "$version" = "v${param[version]:-${all[0]#v}}" ] || other+=("$name $version")
  done
  if [ "${#other[@]}" -gt 0 ]; then
    finding fail versions "kubelets that are not v${param[version]:-${all[0]#v}}: $(some "${other[@]}")" "pulumi up; on that host: kubelet --version"
  else
    finding ok versions "every kubelet is ${all[0]:-unknown}"
  fi
}

look_at_system_pods() {
  local kind space name ready phase bad=() masters=() count=0 part first=""
  declare -A pods=()
  while IFS='|' read -r kind space name ready phase _ part; do
    case $kind in
    node) [ "$part" != master ] || masters+=("$name") ;;
    pod)
      pods[$name]=1 count=$((count + 1))
      [ "$phase" = Succeeded ] || { [ "$phase" = Running ] && [ "$ready" = True ]; } ||
        { bad+=("$name is $phase$([ "$phase" != Running ] || echo " but not ready")") first=${first:-"$space describe pod $name"}; }
      ;;
    # A set that lacks pods shows none of them as bad.
    set) [ "$ready" = "$phase" ] || { bad+=("$name has $phase of $ready") first=${first:-"$space describe $name"}; } ;;
    esac
  done
  for name in "${masters[@]}"; do
    for part in kube-apiserver kube-controller-manager kube-scheduler; do
      [ -n "${pods["$part-$name"]:-}" ] || { bad+=("$part-$name is missing") first=${first:-"kube-system describe node $name"}; }
    done
  done
  if [ "${#bad[@]}" -gt 0 ] || [ "$count" -eq 0 ]; then
    finding fail system-pods "$(some "${bad[@]:-there are none}")" "kubectl -n ${first:-kube-system get pods}"
  else
    finding ok system-pods "$count pods run and are ready"
  fi
}

look_at_leases() {
  local kind name holder renewed duration age text="" stale="" lost=""
  declare -A wanted=(["kube-controller-manager"]=1 ["kube-scheduler"]=1)
  while IFS='|' read -r kind _ name holder renewed duration; do
    if [ "$kind" != lease ] || [ -z "${wanted["$name"]:-}" ]; then continue; fi
    age=$((EPOCHSECONDS - $(date -d "$renewed" +%s || echo 0)))
    if [ -n "$holder" ] && [ "$age" -le "$duration" ]; then
      unset "wanted[$name]"
      text+="${text:+, }$name: ${holder%%_*}"
    else
      stale+="${stale:+, }$name: held by ${holder:-nobody}, renewed $age s ago"
    fi
  done
  for name in kube-controller-manager kube-scheduler; do
    [ -z "${wanted["$name"]:-}" ] || lost+="${lost:+ }$name"
  done
  if [ -n "$lost" ]; then
    finding fail leases "${stale:-no lease of ${lost// /, }}" \
      "kubectl -n kube-system logs -l component=${lost%% *} --tail=20; and compare the clocks: timedatectl"
  else
    finding ok leases "$text"
  fi
}

# No token of a join may outlive it.
look_at_tokens() {
  local list name expires live=()
  if ! list=$(kc 20 -n kube-system get secrets --field-selector type=bootstrap.kubernetes.io/token \
    -o go-template='{{range .items}}{{.metadata.name}}|{{with .data.expiration}}{{base64decode .}}{{end}}{{"\n"}}{{end}}' 2>&1); then
    finding warn bootstrap-tokens "can't be read: $(last_line "$list")" "use an administrator's kubeconfig"
    return
  fi
  while IFS='|' read -r name expires; do
    [ -n "$name" ] || continue
    [ -n "$expires" ] && [ "$(date -d "$expires" +%s)" -le "$EPOCHSECONDS" ] || live+=("${name#bootstrap-token-}")
  done <<<"$list"
  if [ "${#live[@]}" -gt 0 ]; then
    finding fail bootstrap-tokens "valid: $(some "${live[@]}")" "kubeadm token delete ${live[0]}"
  else
    finding ok bootstrap-tokens "none is valid"
  fi
}

check_etcd() {
  local ca=${param[etcd_ca]:-/etc/kubernetes/pki/etcd/ca.crt}
  local cert=${param[etcd_cert]:-/etc/kubernetes/pki/apiserver-etcd-client.crt}
  local key=${param[etcd_key]:-/etc/kubernetes/pki/apiserver-etcd-client.key}
  local member members=() leaders=() bad=() jobs=() answer listed
  IFS=, read -ra members <<<"${param[etcd]:-}"
  if [ "${#members[@]}" -eq 0 ] || [ ! -r "$key" ]; then
    finding warn etcd "not looked at: $([ -r "$key" ] && echo "no members were named" || echo "no client certificate at $cert")" \
      "run it on a master, with etcd=ADDRESS,..."
    return
  fi
  ask() { curl -sS --max-time 5 --cacert "$ca" --cert "$cert" --key "$key" "$@"; }
  for member in "${members[@]}"; do
    ask "https://$member:2379/health" "https://$member:2379/metrics" >"$work/etcd-$member" 2>&1 &
    jobs+=("$!")
  done
  wait "${jobs[@]}"
  for member in "${members[@]}"; do
    if ! grep -q '"health":"true"' "$work/etcd-$member"; then
      bad+=("$member: $(head -n 1 "$work/etcd-$member" | sed 's/# HELP.*//' | cut -c1-120)")
    elif ! grep -q '^etcd_server_has_leader 1' "$work/etcd-$member"; then
      bad+=("$member: knows no leader")
    fi
    ! grep -q '^etcd_server_is_leader 1' "$work/etcd-$member" || leaders+=("$member")
  done
  if [ "${#bad[@]}" -gt 0 ]; then
    finding fail etcd "$(some "${bad[@]}")" "on that host: journalctl -u etcd -n 50, or crictl logs of etcd"
  else
    finding ok etcd "${#members[@]} of ${#members[@]} members are healthy"
  fi
  if [ "${#leaders[@]}" -ne 1 ]; then
    finding fail etcd-leader "${#leaders[@]} leaders${leaders[*]:+: $(some "${leaders[@]}")}" "etcdctl endpoint status --cluster -w table"
  else
    finding ok etcd-leader "${leaders[0]}"
    # The leader's own list: a member that left without a word still counts for the quorum.
    answer=$(ask -d '{}' "https://${leaders[0]}:2379/v3/cluster/member/list" 2>&1)
    listed=$(grep -o '"ID":' <<<"$answer" | wc -l)
    if [ "$listed" -ne "${#members[@]}" ] || [[ $answer = *'"isLearner":true'* ]]; then
      finding fail etcd-members "etcd lists $listed members, the config ${#members[@]}$([[ $answer = *isLearner* ]] && echo "; one is a learner")" \
        "etcdctl member list -w table"
    fi
  fi
}

# What can be seen from here: the kubeconfig, the API server's own through the endpoint and, on a master, every file of kubeadm's.
check_certificates() {
  local file
  if ! command -v openssl >/dev/null; then
    finding warn certificates "not looked at: openssl is missing" "apt-get install openssl"
    return
  fi
  {
    for file in /etc/kubernetes/pki/*.crt /etc/kubernetes/pki/etcd/*.crt /var/lib/kubelet/pki/kubelet-client-current.pem; do
      [ ! -r "$file" ] || openssl x509 -in "$file" | certificate_end "$file"
    done
    for file in "$kubeconfig" /etc/kubernetes/{controller-manager,scheduler}.conf; do
      [ ! -r "$file" ] || sed -n 's/.*client-certificate-data: *//p' "$file" | base64 -d 2>/dev/null | certificate_end "$file"
    done
    file=${server:-$(sed -n 's/^ *server: *//p' "$kubeconfig" | head -n 1)}
    file=${file#https://}
    timeout 5 openssl s_client -connect "$file" </dev/null 2>/dev/null | certificate_end "the API server's at $file"
  } | sort -n >"$work/ends"
  if [ ! -s "$work/ends" ]; then
    finding warn certificates "none can be seen from here" "run it on a master"
    return
  fi
  read -r days file <"$work/ends"
  if [ "$days" -lt "$CHECK_CERTIFICATE_DAYS" ]; then
    finding fail certificates "$file ends in $days days" "on that master: kubeadm certs check-expiration; kubeadm certs renew all"
  else
    finding ok certificates "$(wc -l <"$work/ends") certificates, the first to end in $days days: $file"
  fi
}

# certificate_end NAME: days left of the certificate on standard input, and the name.
certificate_end() {
  local end
  end=$(openssl x509 -noout -enddate 2>/dev/null) || return 0
  echo "$((($(date -d "${end#notAfter=}" +%s) - EPOCHSECONDS) / 86400)) $1"
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
  # shellcheck disable=SC1091
  declare -F check_network >/dev/null || source "$(dirname "$0")/network.sh"
  checks_main "$@"
fi
