#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

# In memory, gone with the step.
readonly RUN=/run/ha-kubernetes
# Id of the token that this host made, which is no secret: a run that was killed, also by a loss of power, can't revoke it.
readonly JOIN_TOKEN=$STATE_DIR/join-token

phase_prepare() {
  node_prepare node_preflight
}

phase_join() {
  if [ ! -e "$STATE_DIR/worker" ]; then
    receive_secrets
    # A join that was killed half-way leaves what kubeadm would stumble over.
    [ ! -e "$STATE_DIR/kubeadm-started" ] || step "reset" kubeadm reset --force
    : | put_file "$STATE_DIR/kubeadm-started" 0644
    step "join" worker_join
    node_built
    : | put_file "$STATE_DIR/worker" 0644
  fi
}

phase_wipe() {
  node_wipe worker_wipe_volumes
}

# Local volumes go with their worker: nothing knows them any more. Only what the provisioner made is touched.
worker_wipe_volumes() {
  rm -rf "${LOCAL_PATH:?}"/pvc-*
  rmdir --ignore-fail-on-non-empty "$LOCAL_PATH" 2>/dev/null || true
}

# The token is minted for this join through the endpoint, lives 15 minutes and is revoked at once.
worker_join() {
  trap 'code=$?; worker_forget; finish "$code"' EXIT
  worker_kubeconfig "{\"client-certificate\": \"$RUN/joiner.crt\", \"client-key\": \"$RUN/joiner.key\"}" | put_file "$RUN/joiner.conf" 0600
  retry 240 3 worker_kubeadm_join || die \
    "kubeadm join failed: $(grep -E '^error|\[ERROR' "$LOG_DIR/join.log" | tail -n 1 | cut -c1-300)" \
    "the API can't be reached at $ENDPOINT from here, or refuses the joiner's certificate" \
    "on the host: curl -k https://$ENDPOINT/readyz, and read $LOG_DIR/join.log"
  worker_forget
  trap 'finish $?' EXIT
}

worker_kubeadm_join() {
  worker_revoke || return 1
  param[token]=$(kubeadm token generate) || return 1
  echo "${param[token]%%.*}" | put_file "$JOIN_TOKEN" 0644
  filled kubeadm-token.yaml | put_file "$RUN/token.yaml" 0600
  kubeadm token create --kubeconfig "$RUN/joiner.conf" --config "$RUN/token.yaml" >/dev/null || return 1
  # The token is in the discovery file too: nobody reads anything anonymously.
  worker_kubeconfig "{\"token\": \"${param[token]}\"}" | put_file "$RUN/discovery.conf" 0600
  filled kubeadm-join.yaml | put_file "$RUN/join.yaml" 0600
  local code=0
  kubeadm join --config "$RUN/join.yaml" || code=$?
  worker_revoke || code=$?
  param[token]=""
  [ "$code" -eq 0 ] || kubeadm reset --force || true
  return "$code"
}

# worker_revoke: the token that this host made last, if any. By kubectl, as kubeadm fails where the token is gone.
worker_revoke() {
  [ -s "$JOIN_TOKEN" ] || return 0
  kubectl --kubeconfig "$RUN/joiner.conf" -n kube-system delete secret "bootstrap-token-$(cat "$JOIN_TOKEN")" \
    --ignore-not-found --wait=false || return 1
  rm -f "$JOIN_TOKEN"
}

# worker_kubeconfig USER: JSON is YAML enough.
worker_kubeconfig() {
  local ca
  ca=$(base64 -w0 <"$RUN/ca.crt")
  cat <<EOF
{"apiVersion": "v1", "kind": "Config", "current-context": "x",
 "clusters": [{"name": "x", "cluster": {"server": "https://$ENDPOINT", "certificate-authority-data": "$ca"}}],
 "users": [{"name": "x", "user": $1}],
 "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}]}
EOF
}

worker_forget() {
  rm -rf "$RUN"
}
