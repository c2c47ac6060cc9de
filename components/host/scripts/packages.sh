#!/usr/bin/env bash
set -euo pipefail

# Debian and Ubuntu; another distribution is one more file with this function.

# ensure_packages COMMAND=PACKAGE...: installs the packages whose command is missing, from the distribution.
ensure_packages() {
  local pair missing=()
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "${missing[@]}"; }; then
    die "the packages ${missing[*]} can't be installed" "no way to a Debian mirror, or a broken apt" \
      "on the host: apt-get install ${missing[*]}"
  fi
}
