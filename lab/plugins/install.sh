#!/bin/bash
# Installs the provider plugins into a PULUMI_HOME: install.sh PULUMI_HOME CACHE
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec "$here/../../node_modules/.bin/tsx" "$here/install.ts" "$@"
