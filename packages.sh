#!/usr/bin/env bash
# Installs the npm packages, unless those of package-lock.json are there: by its content, as a checkout may give old
# files a new time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly installed=node_modules/.cache/installed-package-lock.json
if cmp -s package-lock.json "$installed"; then
  exit
fi
# What somebody installed by hand counts, if it is newer.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "installing the npm packages" >&2
  npm ci --no-fund --no-audit --loglevel=error >&2
fi
mkdir -p "${installed%/*}"
cp package-lock.json "$installed"
