import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseFindings, type Finding } from "../../../components/checks/findings";
import { standaloneChecks } from "../../../components/checks/scripts";

/**
 * What the stand-ins of kubectl and curl answer; kubectl's own templates are not tried here but in the lab.
 */
export interface World {
  /** Lines of CHECK_FACTS. */
  facts: string[];
  tokens: string[];
  /** Lines of CHECK_PODS. */
  pods: string[];
  /** What `kubectl exec ... connect` prints; empty: it connects. */
  exec: string;
  logs: string[];
  /** Dials that don't get an answer, as "ASKER HOST". */
  refused: string[];
  /** Answer of /health and /metrics by address. */
  etcd: Record<string, string>;
  listed: string;
  /** Answer of the metrics API; empty: it doesn't answer. */
  usage: string;
}

const NODES = ["m1", "m2", "w1"];
const now = () => new Date().toISOString();
export const node = (name: string, ready = "True", version = "v1.36.4", cordoned = "") =>
  `node||${name}|${ready}|${version}|${cordoned}|${name.startsWith("m") ? "master" : ""}`;
export const pod = (name: string, ready = "True", phase = "Running", waits = "") =>
  `pod|kube-system|${name}|${ready}|${phase}|m1|${waits}`;
export const lease = (name: string, renewed = now()) => `lease|kube-system|${name}|m1_1234|${renewed}|15`;
const masterPods = (master: string) =>
  ["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((part) => pod(`${part}-${master}`));

export function healthy(): World {
  return {
    facts: [
      ...NODES.map((name) => node(name)),
      ...["m1", "m2"].flatMap(masterPods),
      "set|kube-system|daemonset/kube-proxy|3|3|3|",
      lease("kube-controller-manager"),
      lease("kube-scheduler"),
    ],
    tokens: [],
    pods: [
      "service||10.96.7.7|",
      "pod/guarded|w1|10.244.2.9|Running",
      "pod/service-5bf-x|w1|10.244.2.8|Running",
      ...NODES.map((name, i) => `pod/peer-${name}|${name}|10.244.${i}.2|Running`),
    ],
    exec: "REFUSED\ncommand terminated with exit code 1",
    logs: NODES.map((name) => `[pod/peer-${name}/agnhost] Started`),
    refused: [],
    etcd: {
      "10.0.0.1": '{"health":"true"}# HELP\netcd_server_has_leader 1\netcd_server_is_leader 1\n',
      "10.0.0.2": '{"health":"true"}# HELP\netcd_server_has_leader 1\netcd_server_is_leader 0\n',
      "10.0.0.3": '{"health":"true"}# HELP\netcd_server_has_leader 1\netcd_server_is_leader 0\n',
    },
    usage: JSON.stringify({ items: NODES.map((name) => ({ metadata: { name }, usage: { cpu: "1" } })) }),
    listed: '{"header":{"member_id":"1"},"members":[{"ID":"1"},{"ID":"2"},{"ID":"3"}]}',
  };
}

const KUBECTL = `#!/bin/bash
case "$*" in
*"get --raw /readyz"*) echo ok ;;
*"get --raw /apis/metrics"*) [ -s "$WORLD/usage" ] && cat "$WORLD/usage" || { echo "Error from server (ServiceUnavailable)" >&2; exit 1; } ;;
*"get nodes,namespaces"*) grep ^node "$WORLD/facts" | while IFS='|' read -r _ _ name ready _; do echo "node|$name|$ready"; done ;;
*"get pods,services"*) cat "$WORLD/pods" ;;
*"get persistentvolumeclaim"*) echo pvc-1 ;;
*" patch "*) echo "$*" >>"$WORLD/patched" ;;
*"get secrets"*) cat "$WORLD/tokens" ;;
*" get "*) cat "$WORLD/facts" ;;
*" wait "*) echo "$*" >>"$WORLD/waited" ;;
*" apply "*) cat >"$WORLD/applied" ;;
*" delete "*) echo "$*" >>"$WORLD/deleted" ;;
*" logs "*) cat "$WORLD/logs" ;;
*" exec "*) [ ! -s "$WORLD/exec" ] || { cat "$WORLD/exec" >&2; exit 1; } ;;
*" proxy "*) exec ${process.execPath} -e 'require("node:net").createServer().listen(process.argv[1].split("=")[1])' -- "\${@: -1}" ;;
*) echo "unexpected: $*" >&2; exit 1 ;;
esac
`;

const CURL = `#!/bin/bash
for word in "$@"; do
  case $word in
  */dials)
    while read -r url && read -r output; do
      asker=\${url#*pods/peer-} asker=\${asker%%:*} host=\${url#*host=} host=\${host%%&*} output=\${output#*\\"}
      grep -qxF "$asker $host" "$WORLD/refused" && echo '{"errors":["timeout"]}' >"\${output%\\"}" || echo '{"responses":["x"]}' >"\${output%\\"}"
    done <"$word" ;;
  https://*/health) host=\${word#https://} && cat "$WORLD/etcd-\${host%:2379/health}" ;;
  https://*/list) cat "$WORLD/listed" ;;
  esac
done
`;

/** Runs the checks against a world that differs from the healthy one by `change`, with everything below `folder`. */
export function runChecks(
  folder: string,
  change: Partial<World>,
  args: string[],
): { findings: Finding[]; status: number | null } {
  const world = { ...healthy(), ...change };
  mkdirSync(join(folder, "bin"), { recursive: true });
  const put = (name: string, lines: string[]) =>
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(""));
  put("facts", world.facts);
  put("tokens", world.tokens);
  put("pods", world.pods);
  put("logs", world.logs);
  put("refused", world.refused);
  put("exec", world.exec === "" ? [] : [world.exec]);
  put("listed", [world.listed]);
  put("usage", world.usage === "" ? [] : [world.usage]);
  put("deleted", []);
  put("patched", []);
  for (const [address, answer] of Object.entries(world.etcd))
    writeFileSync(join(folder, `etcd-${address}`), answer);
  writeFileSync(join(folder, "key"), "");
  writeFileSync(join(folder, "kubeconfig"), "");
  writeFileSync(join(folder, "bin", "kubectl"), KUBECTL, { mode: 0o755 });
  writeFileSync(join(folder, "bin", "curl"), CURL, { mode: 0o755 });
  writeFileSync(join(folder, "checks.sh"), standaloneChecks());
  const { stdout, stderr, status } = spawnSync(
    "bash",
    [join(folder, "checks.sh"), join(folder, "kubeconfig"), "deadline=0", `etcd_key=${folder}/key`, ...args],
    {
      env: { PATH: `${join(folder, "bin")}:/usr/bin:/bin`, WORLD: folder, TMPDIR: folder },
      encoding: "utf8",
    },
  );
  assert.equal(stderr, "");
  return { findings: parseFindings(stdout), status };
}
