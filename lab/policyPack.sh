#!/usr/bin/env bash
# Runs the policy pack for an engine whose Node language host can't: `pulumi preview --policy-pack lab/policyPack.sh`.
# With the official CLI the folder itself is the pack: `pulumi preview --policy-pack policies`.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root/policies"
exec node "$root/node_modules/@pulumi/pulumi/cmd/run-policy-pack" "$1" "$root/policies"
