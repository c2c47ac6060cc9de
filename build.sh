#!/usr/bin/env bash
# Makes dist/ for programs that use the package: components/ as JavaScript with types, and the shell files, rules and tables that it reads beside itself.
# usage: build.sh [FOLDER]    default: dist
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

out=${1:-dist}
part=$(mktemp -d .build.XXXXXX)
trap 'rm -rf "$part"' EXIT
node_modules/typescript-native/bin/tsc -p tsconfig.build.json --outDir "$part"
find components \( -name '*.sh' -o -name charts.txt -o -path '*/rules/*.yaml' \) -exec cp --parents -t "$part" {} +
chmod 0755 "$part"
rm -rf "$out"
mv "$part" "$out"
