#!/usr/bin/env bash
# Previews every committed stack with no host in reach, and writes what it saw as Markdown.
# usage: preview.sh FILE
#   PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE, both given: stacks of that backend are compared with their living state.
#   Otherwise, and for what the backend doesn't have, the comparison is with an empty state.
#   POLICY_PACK: what judges each preview; default: the folder policies.
# Fails if a preview fails, or breaks a mandatory policy; the others are made all the same.
set -euo pipefail
shopt -s nullglob
report=$(realpath "${1:?usage: preview.sh FILE}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pack=${POLICY_PACK:-policies}
backend=${PULUMI_BACKEND_URL:-} passphrase=${PULUMI_CONFIG_PASSPHRASE:-}
work=$(mktemp -d)
trap 'rm -rf "$work" Pulumi.preview-*.yaml' EXIT
export PULUMI_SKIP_UPDATE_CHECK=true
failed=0

main() {
  local file name
  mkdir "$work/state"
  echo "## Preview of all stacks" >"$report"
  for file in Pulumi.*.yaml examples/stacks/Pulumi.*.yaml; do
    name=${file##*/Pulumi.} name=${name#Pulumi.} name=${name%.yaml}
    case $name in preview-*) continue ;; esac
    if [[ $file != examples/* ]] && living "$name"; then
      preview "$file" "its living state in the shared backend" --stack "$name"
    else
      empty "$file" "$name"
      preview "$file" "an empty state" --stack "preview-$name" --config-file "Pulumi.preview-$name.yaml"
    fi
  done
  cat "$report"
  [ "$failed" -eq 0 ]
}

# living NAME: true if the shared backend is given and has this stack.
living() {
  [ -n "$backend" ] && [ -n "$passphrase" ] || return 1
  export PULUMI_BACKEND_URL=$backend PULUMI_CONFIG_PASSPHRASE=$passphrase
  pulumi stack ls --json | node -e '
    const stacks = JSON.parse(require("fs").readFileSync(0, "utf8"));
    process.exit(stacks.some(({ name }) => name.split("/").pop() === process.argv[1]) ? 0 : 1);' "$1"
}

# empty FILE NAME: a stack of its own with the file's config; secrets can't be read without their passphrase, so it goes without them.
empty() {
  export PULUMI_BACKEND_URL=file://$work/state PULUMI_CONFIG_PASSPHRASE=preview
  node -e '
    const { parse, stringify } = require("yaml");
    const { config } = parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const plain = Object.entries(config).filter(([, value]) => value?.secure === undefined);
    process.stdout.write(stringify({ config: Object.fromEntries(plain) }));' "$1" >"Pulumi.preview-$2.yaml"
  pulumi stack init "preview-$2" >/dev/null
}

# preview FILE COMPARED OPTION...
preview() {
  local file=$1 compared=$2 sign=✅
  shift 2
  echo "== $file, compared with $compared"
  pulumi preview --non-interactive --diff --policy-pack "$pack" "$@" >"$work/out" 2>&1 || sign=❌ failed=1
  {
    printf '\n<details><summary>%s <code>%s</code>, compared with <b>%s</b>: %s</summary>\n\n```diff\n' "$sign" "$file" "$compared" "$(counts)"
    # A comment holds 65536 letters; the end says most.
    tail -c 12000 "$work/out"
    printf '\n```\n\n</details>\n'
  } >>"$report"
}

# counts: the summary of the last preview on one line.
counts() {
  sed -n '/^Resources:/,/^$/p' "$work/out" | sed 1d | xargs | grep . || echo "failed"
}

main
