#!/usr/bin/env bash
# shellcheck disable=SC2154
# The same CAs, keys and certificates as the package's, by openssl; all keys ECDSA P-256. Sourced by by-hand.sh.
set -euo pipefail

# certificate NAME DAYS SUBJECT EXTENSIONS [MORE OF openssl req]
certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -keyout "$pki/$1.key" -out "$pki/$1.crt" \
    -days "$2" -subj "$3" "${@:5}" -config <(printf '[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\n%b\n' "$4") \
    2>"$pki/$1.log" || {
    cat "$pki/$1.log" >&2
    return 1
  }
}

# authority NAME COMMON_NAME
authority() {
  certificate "$1" 3650 "/CN=$2" "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,digitalSignature,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash"
}

# leaf NAME CA COMMON_NAME USES [NAMES]
leaf() {
  certificate "$1" 1095 "/CN=$3" "keyUsage=critical,digitalSignature\nextendedKeyUsage=$4\nauthorityKeyIdentifier=keyid${5:+\nsubjectAltName=$5}" \
    -CA "$pki/$2.crt" -CAkey "$pki/$2.key"
}

make_pki() {
  local host names id secret ca
  umask 077
  mkdir -p "$pki"
  authority ca kubernetes &
  authority front-proxy-ca front-proxy-ca &
  authority etcd-ca etcd-ca &
  openssl ecparam -genkey -name prime256v1 -noout -out "$pki/sa.key" && openssl ec -in "$pki/sa.key" -pubout -out "$pki/sa.pub" 2>/dev/null
  wait
  leaf etcd-client etcd-ca kube-apiserver-etcd-client clientAuth &
  leaf admin etcd-ca etcd-admin clientAuth &
  for host in "${etcds[@]}"; do
    names="DNS:$host,DNS:localhost,IP:${address[$host]},IP:127.0.0.1"
    leaf "server-$host" etcd-ca "$host" serverAuth,clientAuth "$names" &
    leaf "peer-$host" etcd-ca "$host" serverAuth,clientAuth "$names" &
  done
  for host in "${masters[@]}"; do
    leaf "component-$host" ca "$host" serverAuth "DNS:$host,DNS:localhost,IP:${address[$host]},IP:127.0.0.1" &
  done
  wait
  for host in "${etcds[@]}"; do give_etcd "$host" "$hosts/$host/etc/etcd/pki"; done
  for host in "${masters[@]}"; do give_master "$host" "$hosts/$host/etc/kubernetes/pki"; done
  encryption=$(openssl rand -base64 32)
  for host in "${masters[@]}"; do encryption_config "$encryption" >"$hosts/$host/etc/kubernetes/ha/encryption.yaml"; done
  stats=$(openssl rand -hex 16 | openssl passwd -6 -salt "rounds=1000\$$(openssl rand -hex 8)" -stdin)
  for host in "${loadbalancers[@]}"; do
    sed -i "s|@stats_hash@|$stats|" "$hosts/$host/etc/haproxy/ha-kubernetes.cfg"
    cp "$pki/ca.crt" "$hosts/$host/etc/haproxy/ha-kubernetes-ca.crt"
  done
  ca=$(base64 -w0 "$pki/ca.crt")
  for host in "${workers[@]}"; do
    id=$(openssl rand -hex 3) secret=$(openssl rand -hex 8)
    join_token "$id" "$secret" >>"$hosts/${masters[0]}/root/by-hand/tokens.yaml"
    sed -i "s|@token@|$id.$secret|" "$hosts/$host/run/ha-kubernetes/join.yaml"
    discovery "$ca" "$id.$secret" >"$hosts/$host/run/ha-kubernetes/discovery.conf"
  done
}

give_etcd() {
  local kind
  mkdir -p "$2"
  cp "$pki/etcd-ca.crt" "$2/ca.crt"
  cp "$pki"/admin.* "$2"
  for kind in server peer; do
    cp "$pki/$kind-$1.crt" "$2/$kind.crt"
    cp "$pki/$kind-$1.key" "$2/$kind.key"
  done
}

give_master() {
  local kind
  mkdir -p "$2/etcd"
  cp "$pki"/ca.* "$pki"/front-proxy-ca.* "$pki"/sa.* "$2"
  cp "$pki/etcd-ca.crt" "$2/etcd/ca.crt"
  for kind in crt key; do
    cp "$pki/etcd-client.$kind" "$2/apiserver-etcd-client.$kind"
    cp "$pki/component-$1.$kind" "$2/component.$kind"
  done
}

# encryption_config KEY
encryption_config() {
  cat <<YAML
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources: [{resources: [secrets], providers: [{secretbox: {keys: [{name: key1, secret: "$1"}]}}, {identity: {}}]}]
YAML
}

# join_token ID SECRET: lives 15 minutes at most; by-hand.sh deletes it when its worker has joined.
join_token() {
  cat <<YAML
---
apiVersion: v1
kind: Secret
metadata: {name: bootstrap-token-$1, namespace: kube-system}
type: bootstrap.kubernetes.io/token
stringData:
  token-id: "$1"
  token-secret: "$2"
  expiration: "$(date -u -d '15 minutes' +%Y-%m-%dT%H:%M:%SZ)"
  usage-bootstrap-authentication: "true"
  auth-extra-groups: system:bootstrappers:kubeadm:default-node-token
YAML
}

# discovery CA TOKEN
discovery() {
  cat <<YAML
{"apiVersion": "v1", "kind": "Config", "current-context": "x",
 "clusters": [{"name": "x", "cluster": {"server": "https://$endpoint", "certificate-authority-data": "$1"}}],
 "users": [{"name": "x", "user": {"token": "$2"}}],
 "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}]}
YAML
}
