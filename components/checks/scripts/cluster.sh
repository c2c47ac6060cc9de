#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

# What the API says about the cluster. A part of checks.sh.

check_api() {
  local answer from=$EPOCHREALTIME where=${server:-the API}
  if answer=$(kc 10 get --raw /readyz 2>&1); then
    finding ok api "$where answers /readyz within $(((${EPOCHREALTIME/./} - ${from/./}) / 1000)) ms"
  else
    finding fail api "$where/readyz: $(last_line "$answer")" "kubectl get --raw '/readyz?verbose'; on the masters: journalctl -u kubelet -n 50"
  fi
}

# shellcheck disable=SC2016
# One line per object: kind|namespace|name|..., read in one request per kind and by one kubectl.
# Of a set: how many pods it wants, has ready and has in its newest form. The engine takes some rollouts for done that have not begun
# (StatefulSets, pulumi-kubernetes #3329; Deployments that end a pod before they begin another).
# Whoever updates a set by hand (OnDelete) says when its pods are new.
readonly CHECK_FACTS='{{define "changed"}}{{if lt (or .status.observedGeneration 0) .metadata.generation}}changed{{end}}{{end -}}
{{range .items}}{{$m := .metadata}}{{$ready := ""}}{{range .status.conditions}}{{if eq .type "Ready"}}{{$ready = .status}}{{end}}{{end -}}
{{if eq .kind "Node"}}node||{{$m.name}}|{{$ready}}|{{.status.nodeInfo.kubeletVersion}}|{{if .spec.unschedulable}}cordoned{{end}}|{{if exists $m.labels "node-role.kubernetes.io/control-plane"}}master{{end}}
{{else if eq .kind "Pod"}}pod|{{$m.namespace}}|{{$m.name}}|{{$ready}}|{{.status.phase}}|{{.spec.nodeName}}|{{range .status.containerStatuses}}{{if .state.waiting}}{{.state.waiting.reason}} {{.image}} {{end}}{{end}}
{{else if eq .kind "DaemonSet"}}set|{{$m.namespace}}|daemonset/{{$m.name}}|{{.status.desiredNumberScheduled}}|{{or .status.numberReady 0}}|{{if eq .spec.updateStrategy.type "OnDelete"}}{{or .status.numberReady 0}}{{else}}{{or .status.updatedNumberScheduled 0}}{{end}}|{{template "changed" .}}
{{else if eq .kind "Deployment"}}set|{{$m.namespace}}|deployment/{{$m.name}}|{{.spec.replicas}}|{{or .status.availableReplicas 0}}|{{or .status.updatedReplicas 0}}|{{template "changed" .}}
{{else if eq .kind "StatefulSet"}}set|{{$m.namespace}}|statefulset/{{$m.name}}|{{.spec.replicas}}|{{or .status.readyReplicas 0}}|{{if eq .spec.updateStrategy.type "OnDelete"}}{{or .status.readyReplicas 0}}{{else}}{{or .status.updatedReplicas 0}}{{end}}|{{template "changed" .}}
{{else if eq .kind "Lease"}}lease|{{$m.namespace}}|{{$m.name}}|{{.spec.holderIdentity}}|{{.spec.renewTime}}|{{.spec.leaseDurationSeconds}}
{{end}}{{end}}'

check_cluster() {
  local facts="" part space spaces kinds=nodes,leases.coordination.k8s.io,
  IFS=, read -ra spaces <<<"${param[namespaces]:-kube-system}"
  for space in "${spaces[@]}"; do
    if ! part=$(kc 30 -n "$space" get "${kinds}pods,daemonsets.apps,deployments.apps,statefulsets.apps" -o go-template="$CHECK_FACTS" 2>"$work/facts"); then
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
  [ "${param[metrics]:-no}" != yes ] || look_at_metrics <<<"$facts"
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
  local kind space name ready phase new bad=() masters=() count=0 part first=""
  declare -A pods=()
  # Of a pod the last part is what its containers wait for.
  while IFS='|' read -r kind space name ready phase new part; do
    case $kind in
    node) [ "$part" != master ] || masters+=("$name") ;;
    pod)
      pods[$name]=1 count=$((count + 1))
      [ "$phase" = Succeeded ] || { [ "$phase" = Running ] && [ "$ready" = True ]; } ||
        { bad+=("$name is $phase$([ "$phase" != Running ] || echo " but not ready")${part:+, ${part% }}") first=${first:-"$space describe pod $name"}; }
      ;;
    # A set that lacks pods shows none of them as bad.
    set)
      [ -z "$part" ] || new=0
      [ "$new" -ge "$phase" ] || phase=$new
      [ "$ready" = "$phase" ] || { bad+=("$name has $phase of $ready") first=${first:-"$space describe $name"}; }
      ;;
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

# Usage of every node, which `kubectl top` shows and autoscalers scale by.
look_at_metrics() {
  local kind name usage missing=()
  if ! usage=$(kc 10 get --raw /apis/metrics.k8s.io/v1beta1/nodes 2>&1); then
    finding fail metrics "the metrics API doesn't answer: $(last_line "$usage")" \
      "kubectl get apiservice v1beta1.metrics.k8s.io; kubectl -n kube-system logs -l app.kubernetes.io/name=metrics-server --tail=20"
    return
  fi
  while IFS='|' read -r kind _ name _; do
    [ "$kind" != node ] || [[ $usage = *"\"name\":\"$name\""* ]] || missing+=("$name")
  done
  if [ "${#missing[@]}" -gt 0 ]; then
    finding fail metrics "no usage of $(some "${missing[@]}")" \
      "kubectl -n kube-system logs -l app.kubernetes.io/name=metrics-server --tail=20"
  else
    finding ok metrics "usage of every node is known"
  fi
}
