#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

# What can be seen from within pods: one server on each sampled node, which can be told to dial another.
# A part of checks.sh, whose `finding`, `kc`, `some`, `last_line` and variables it uses.

# Nodes that take part: all pairs of them are tried, and ten make 90.
readonly CHECK_NODES=10
# Seconds after which the namespace of a killed run is swept away; no run takes that long.
readonly CHECK_LEFTOVER=900
readonly CHECK_LABEL=ha-kubernetes-checks

# check_network: the pods (made once), then everything that is seen from within them.
check_network() {
  local list name node address state service="" guarded="" volume="" first peers=() waiting=()
  [ -e "$work/workload" ] || make_workload || return
  if ! list=$(kc 20 -n "$namespace" get pods,services -o go-template="$CHECK_PODS" 2>&1); then
    finding fail pod-network "the check pods can't be read: $(last_line "$list")" "kubectl get pods -A"
    return
  fi
  while IFS='|' read -r name node address state; do
    case $name in
    service) service=$address ;;
    pod/volume) volume=$state ;;
    pod/*)
      if [ "$state" != Running ] || [ -z "$address" ]; then
        waiting+=("${name#pod/} on ${node:-no node yet}: ${state:-Pending}")
      elif [ "$name" = pod/guarded ]; then
        guarded=$address
      elif [[ $name = pod/peer-* ]]; then
        peers+=("${name#pod/peer-}=$address")
      fi
      ;;
    esac
  done <<<"$list"
  [ -z "${param[class]:-}" ] || look_at_volume "$volume"
  if [ "${#waiting[@]}" -gt 0 ] || [ "${#peers[@]}" -eq 0 ] || [ -z "$guarded" ] || [ -z "$service" ]; then
    finding fail pod-network "pods don't run: $(some "${waiting[@]:-the check pods are not there}")" \
      "kubectl get events -A --sort-by=.lastTimestamp; on that node: journalctl -u kubelet -n 50"
    return
  fi
  first=${peers[0]%%=*}
  ask_peers "$service" "$guarded" "${peers[@]}" &
  kc 20 -n "$namespace" logs -l role=peer --prefix --tail=1 --ignore-errors >"$work/logs" 2>&1 &
  # The first peer is not allowed in by the policy, so this has to fail, with the connection and not with exec.
  kc 20 -n "$namespace" exec "peer-$first" -- /agnhost connect "$guarded:8080" --timeout=1s >"$work/denied" 2>&1 &&
    echo CONNECTED >"$work/denied"
  wait
  look_at_kubelets "${peers[@]%%=*}"
  look_at_paths "${#peers[@]}"
}

# ask_peers SERVICE GUARDED NODE=ADDRESS...: tells each peer to dial every other one, the Service, two names and, where
# the policy allows it, the guarded pod. All of it is asked at once, by one curl through one `kubectl proxy`, whose
# socket nobody else can open. 2000 letters don't fit one frame: a path that loses large packets is not called good.
ask_peers() {
  local service=$1 guarded=$2 peer name other letters access="" proxy limit=7
  shift 2
  rm -rf "$work/paths" "$work/socket"
  mkdir "$work/paths"
  printf -v letters '%02000d' 0
  timeout 60 "${kubectl[@]}" proxy --unix-socket="$work/socket" >"$work/proxy" 2>&1 &
  proxy=$!
  for peer in "$@"; do
    name=${peer%%=*}
    for other in "$@"; do
      [ "$other" = "$peer" ] || dial "$name" "pod-network|${other%%=*}" "${other#*=}" 8080 "echo?msg=$letters"
    done
    dial "$name" "service|$service" "$service" 80 hostname
    dial "$name" "dns|kubernetes.default" kubernetes.default 443 /
    dial "$name" "dns|service.$namespace.svc.$domain" "service.$namespace.svc.$domain" 80 hostname
    [ -z "$access" ] || dial "$name" "network-policy|guarded" "$guarded" 8080 hostname
    access=yes
  done >"$work/dials"
  for _ in {1..50}; do
    [ ! -S "$work/socket" ] || break
    sleep 0.1
  done
  # A dial gives up after 5 s and says why. While a new cluster still settles, it is cheaper to ask again.
  [ "$EPOCHSECONDS" -ge $((started + patience - 10)) ] || limit=2
  curl -sS --globoff --parallel --parallel-max 100 --max-time "$limit" --unix-socket "$work/socket" -K "$work/dials" 2>>"$work/proxy"
  kill "$proxy" && wait "$proxy" 2>/dev/null
}

# dial NODE FILE HOST PORT REQUEST: two lines of curl's config.
dial() {
  echo "url = \"http://localhost/api/v1/namespaces/$namespace/pods/peer-$1:8080/proxy/dial?host=$3&port=$4&request=$5\""
  echo "output = \"$work/paths/${2%%|*}|$1|${2#*|}\""
}

# make_workload: waits half of the time for nodes that are still to become Ready, then makes the pods on those that are.
make_workload() {
  local list kind name state ready=() old=() known=0 yaml i
  until_true $((started + patience / 2)) --for=condition=Ready node --all
  if ! list=$(kc 20 get nodes,namespaces -o go-template="$CHECK_NODES_TEMPLATE" 2>&1); then
    finding fail pod-network "the nodes can't be read: $(last_line "$list")" "kubectl get nodes"
    return 1
  fi
  while IFS='|' read -r kind name state; do
    case $kind in
    node)
      known=$((known + 1))
      [ "$state" != True ] || ready+=("$name")
      ;;
    old) [ $((EPOCHSECONDS - $(date -d "$state" +%s))) -lt "$CHECK_LEFTOVER" ] || old+=("$name") ;;
    esac
  done <<<"$list"
  if [ "${#ready[@]}" -eq 0 ] || { [ "${#ready[@]}" -lt "$known" ] && [ "$EPOCHSECONDS" -lt $((started + patience / 2)) ]; }; then
    finding fail pod-network "only ${#ready[@]} of $known nodes are Ready" "kubectl describe nodes"
    return 1
  fi
  yaml=$(workload_objects)
  for ((i = 0; i < ${#ready[@]} && i < CHECK_NODES; i++)); do
    # Evenly over the list, so that masters and workers of a large cluster both take part.
    name=${ready[i * ${#ready[@]} / (${#ready[@]} < CHECK_NODES ? ${#ready[@]} : CHECK_NODES)]}
    yaml+=$(workload_pod "peer-$name" peer "$name" "$([ "$i" -eq 0 ] && echo no || echo yes)")
  done
  # On the last node, so that the policy is tried across nodes.
  yaml+=$(workload_pod guarded guarded "$name" no)
  [ -z "${param[class]:-}" ] || yaml+=$(workload_volume)
  : >"$work/workload"
  if ! list=$(kc 30 apply --server-side --force-conflicts --field-manager="$CHECK_LABEL" --validate=false -f - <<<"$yaml" 2>&1); then
    rm -f "$work/workload"
    finding fail pod-network "the check pods can't be made: $(last_line "$list")" "kubectl auth can-i create pods; kubectl get events -A"
    return 1
  fi
  [ "${#old[@]}" -eq 0 ] || kc 20 delete namespace "${old[@]}" --wait=false >/dev/null
  until_true $((started + patience)) -n "$namespace" --for=condition=Available deployment/service
  until_true $((started + patience)) -n "$namespace" --for=condition=Ready pod --all
}

# until_true END ARGS...: `kubectl wait` until then, a watch that leaves the processors to those who build; what is
# still not so afterwards is for the checks to say.
until_true() {
  local left=$(($1 - EPOCHSECONDS))
  [ "$left" -le 0 ] || kc $((left + 5)) wait --timeout="${left}s" "${@:2}" >/dev/null 2>&1 || true
}

# shellcheck disable=SC2016
readonly CHECK_NODES_TEMPLATE='{{range .items}}{{$name := .metadata.name}}{{if eq .kind "Node" -}}
node|{{$name}}|{{range .status.conditions}}{{if eq .type "Ready"}}{{.status}}{{end}}{{end}}
{{else if .metadata.labels}}{{if eq (or (index .metadata.labels "app.kubernetes.io/managed-by") "") "'$CHECK_LABEL'" -}}
old|{{$name}}|{{.metadata.creationTimestamp}}
{{end}}{{end}}{{end}}'

# shellcheck disable=SC2016
# A pod that waits shows why instead of its phase.
readonly CHECK_PODS='{{range .items}}{{if eq .kind "Service"}}service||{{.spec.clusterIP}}|
{{else}}pod/{{.metadata.name}}|{{or .spec.nodeName ""}}|{{or .status.podIP ""}}|{{$phase := .status.phase}}{{range .status.containerStatuses -}}
{{with .state.waiting}}{{$phase = printf "%v %v" .reason (or .message "")}}{{end}}{{end}}{{$phase}}
{{end}}{{end}}'

# look_at_volume STATE: whether the pod with a claim runs.
look_at_volume() {
  if [ "$1" = Running ]; then
    finding ok volume "a claim of class ${param[class]} was bound and mounted"
  else
    finding fail volume "a pod with a claim of class ${param[class]} does not run: ${1:-Pending}" \
      "kubectl get storageclass ${param[class]}; kubectl get events -A --sort-by=.lastTimestamp"
  fi
}

# let_go_of_volume: the check's volume is to go with its claim, whatever its class says.
let_go_of_volume() {
  local volume
  volume=$(kc 10 -n "$namespace" get persistentvolumeclaim volume -o jsonpath='{.spec.volumeName}' 2>/dev/null)
  [ -z "$volume" ] ||
    kc 10 patch persistentvolume "$volume" -p '{"spec": {"persistentVolumeReclaimPolicy": "Delete"}}' >/dev/null
}

# look_at_kubelets NODE...: the API server reaches every sampled kubelet, by logs, and the first by exec too.
look_at_kubelets() {
  local node mute=() next="kubectl get csr; on that node: journalctl -u kubelet -n 50"
  for node in "$@"; do
    grep -qF "[pod/peer-$node/" "$work/logs" || mute+=("$node")
  done
  if ! grep -qE '^(CONNECTED|TIMEOUT|REFUSED|OTHER)' "$work/denied"; then
    finding fail kubelets "kubectl exec on $1: $(last_line "$(<"$work/denied")")" "$next"
  elif [ "${#mute[@]}" -gt 0 ]; then
    finding fail kubelets "no kubectl logs from $(some "${mute[@]}"): $(last_line "$(grep -v '^\[pod' "$work/logs")")" "$next"
  else
    finding ok kubelets "$# of $# give logs, $1 takes kubectl exec"
  fi
}

# look_at_paths PEERS: judges the answers; the file of each is named CHECK|FROM|TO.
look_at_paths() {
  local file check from to answer
  declare -A broken=() passed=()
  for file in "$work"/paths/*; do
    IFS='|' read -r check from to <<<"${file##*/}"
    answer=$(<"$file")
    case $answer in
    *'"responses":['*) passed["$check"]=$((${passed["$check"]:-0} + 1)) ;;
    *'"errors":['* | *'port param are invalid'*) broken["$check"]+="$from can't reach $to|" ;;
    # The API server didn't reach the asker itself.
    *) broken["$check"]+="$from doesn't answer|" ;;
    esac
  done
  judge pod-network $(($1 * ($1 - 1))) "pairs of $1 nodes reach each other with 2000 bytes" \
    "on both nodes: ip route; kubectl get pods -A -o wide"
  judge service "$1" "nodes reach a Service by its cluster address" "on that node: kubectl -n kube-system logs -l k8s-app=kube-proxy"
  judge dns $(($1 * 2)) "names were answered on $1 nodes" "kubectl -n kube-system logs -l k8s-app=kube-dns"
  if [ "$1" -lt 2 ]; then
    finding warn network-policy "not looked at: that takes two nodes" "add a worker"
  elif grep -q CONNECTED "$work/denied"; then
    finding fail network-policy "a connection that a policy denies goes through" "look at the logs of calico-node or kube-router"
  else
    judge network-policy $(($1 - 1)) "allowed connections pass, a denied one ends in $(grep -oE -m 1 '^(TIMEOUT|REFUSED|OTHER)' "$work/denied")" \
      "look at the logs of calico-node or kube-router"
  fi
}

# judge CHECK EXPECTED WORDS NEXT
judge() {
  local list=()
  mapfile -t list < <(tr '|' '\n' <<<"${broken["$1"]:-}" | sed '/^$/d' | sort -u)
  if [ "${#list[@]}" -gt 0 ]; then
    finding fail "$1" "$(some "${list[@]}")" "$4"
  elif [ "${passed["$1"]:-0}" -lt "$2" ]; then
    finding fail "$1" "${passed["$1"]:-0} of $2 answers came" "$4"
  else
    finding ok "$1" "$2 $3"
  fi
}
