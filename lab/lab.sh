#!/usr/bin/env bash
# The door to the lab: installs the npm packages if need be, then runs lab/cli.ts.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash packages.sh
exec node_modules/.bin/tsx lab/cli.ts "$@"
