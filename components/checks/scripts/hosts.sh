#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

# What the hosts say: etcd's members, and certificates. A part of checks.sh.

# Days before its end at which a certificate is a fault; kubeadm renews at an upgrade, so a month is left to plan one.
readonly CHECK_CERTIFICATE_DAYS=30

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
    finding fail etcd "$(some "${bad[@]}")" "on that host: journalctl -u etcd -n 50, or on a master the files of etcd below /var/log/pods"
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
