#!/usr/bin/env bash
set -euo pipefail

# Writes when certificates end, in Prometheus' text format.
#   certificates.sh FILE GLOB...
# A glob names certificates in PEM, or kubeconfigs with one inside; what is not there is passed over.
main() {
  local out=$1 file end new
  shift
  mkdir -p "${out%/*}"
  chmod 0755 "${out%/*}"
  new=$(mktemp "${out%/*}/.certificates.XXXXXX")
  {
    echo '# HELP ha_kubernetes_certificate_expires_timestamp_seconds When the certificate ends.'
    echo '# TYPE ha_kubernetes_certificate_expires_timestamp_seconds gauge'
    # shellcheck disable=SC2068
    for file in $@; do
      [ -e "$file" ] || continue
      end=$(certificate "$file" | openssl x509 -noout -enddate 2>/dev/null) || continue
      echo "ha_kubernetes_certificate_expires_timestamp_seconds{path=\"$file\"} $(date -d "${end#notAfter=}" +%s)"
    done
  } >"$new"
  chmod 0644 "$new"
  mv -f "$new" "$out"
}

# certificate FILE: the first certificate in it.
certificate() {
  if grep -q 'client-certificate-data:' "$1"; then
    sed -n 's/^ *client-certificate-data: *//p' "$1" | head -n 1 | base64 -d
  else
    cat "$1"
  fi
}

main "$@"
