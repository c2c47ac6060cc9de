import { apply, kubectl, waitFor } from "./support";

/** Namespace of whoever asks the samples for pages. */
const NAMESPACE = "asks";

/** A pod with a shell and the usual clients, which needs no rights. */
export function clientPod(name: string, namespace: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 1
  securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
  # Where no drain of a worker ends it.
  nodeSelector: {node-role.kubernetes.io/control-plane: ""}
  tolerations: [{operator: Exists}]
  containers:
    - name: client
      image: registry.k8s.io/e2e-test-images/agnhost:2.63.0
      args: [netexec, --http-port=8080, --udp-port=-1]
      resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 128Mi}}
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
---
`;
}

/** Makes the clients, in a namespace of their own; gives what takes them away. */
export async function makeClients(
  names: readonly string[],
  namespace = NAMESPACE,
  labels: Readonly<Record<string, string>> = {},
): Promise<() => Promise<unknown>> {
  const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } };
  await apply(`${JSON.stringify(space)}\n---\n${names.map((name) => clientPod(name, namespace)).join("")}`);
  await waitFor(60, "-n", namespace, "--for=condition=Ready", "pod", "--all");
  return () => kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found");
}

/** Runs a shell command in a client, or in a container of another pod (`-c`); gives what it prints. */
export function ask(
  pod: string,
  command: string,
  namespace = NAMESPACE,
  ...options: string[]
): Promise<string> {
  return kubectl("--request-timeout=0", "-n", namespace, "exec", pod, ...options, "--", "sh", "-c", command);
}

/** Answers to requests, and why some had none. */
export interface Answers {
  readonly answered: number;
  readonly failed: number;
  /** Answered after two seconds or more. */
  readonly slow: number;
  readonly why: string;
}

/** Asks for a page 20 times a second, as far as the machine can, each on a connection of its own, for so many seconds. */
export async function askSteadily(client: string, url: string, seconds: number): Promise<Answers> {
  const [one, other] = await Promise.all([askInTurn(client, url, seconds), askInTurn(client, url, seconds)]);
  return {
    answered: one.answered + other.answered,
    failed: one.failed + other.failed,
    slow: one.slow + other.slow,
    why: one.why + other.why,
  };
}

/**
 * One request after the other, with a pause between them. It is as patient as a browser: while the pods of a drained worker start
 * elsewhere on the one machine of the lab, requests are answered after two seconds; who sends to a pod that is gone waits for ever.
 */
async function askInTurn(client: string, url: string, seconds: number): Promise<Answers> {
  const loop = `
    answered=0 failed=0 slow=0 end=$(($(date +%s) + ${seconds}))
    while [ "$(date +%s)" -lt "$end" ]; do
      began=$(date +%s)
      if said=$(busybox timeout 10 wget -q -O /dev/null ${url} 2>&1); then
        answered=$((answered + 1))
        [ "$(($(date +%s) - began))" -lt 2 ] || slow=$((slow + 1))
      else
        failed=$((failed + 1)) why="$why $(date +%T): \${said:-no answer in 10 s};"
      fi
      sleep 0.07
    done
    echo "$answered $failed $slow$why"`;
  const [, answered, failed, slow, why = ""] = /^(\d+) (\d+) (\d+)(.*)$/s.exec(await ask(client, loop)) ?? [];
  return { answered: Number(answered), failed: Number(failed), slow: Number(slow), why };
}
