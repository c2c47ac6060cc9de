#!/usr/bin/env bash
# The door to the lab: installs the npm packages if they are missing, then runs lab/cli.ts.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo "lab: installing the npm packages" >&2
  npm ci --no-fund --no-audit --loglevel=error >&2
  touch node_modules/.package-lock.json
fi
exec node_modules/.bin/tsx lab/cli.ts "$@"
