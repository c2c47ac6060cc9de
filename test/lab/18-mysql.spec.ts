import { strict as assert } from "node:assert";
import * as hosts from "../../lab/hosts/hosts";
import { ask } from "./client";
import { onServer } from "./mysql";
import { apply, editConfig, eventually, kubectl, lab, progress, sleep, up, waitFor } from "./support";

const SERVERS = ["mysql-0", "mysql-1", "mysql-2"];
const ALLOWED = "mysql-clients";
const FORBIDDEN = "mysql-strangers";

/** Node of a server's pod. */
function nodeOf(server: string): Promise<string> {
  return kubectl("-n", "mysql", "get", "pod", server, "-o", "jsonpath={.spec.nodeName}");
}

/** The clients' command, as the application's user; on a machine that stands still for two seconds it is patient. */
const client = (service: string) =>
  `timeout 10 mariadb --defaults-file=/etc/client/app.cnf --connect-timeout=5 --host=${service}.mysql.svc.cluster.local -N -B`;

/** Runs a statement in a client of the allowed namespace. */
function sql(from: string, service: string, statement: string): Promise<string> {
  return ask(from, `${client(service)} -e "${statement}"`, ALLOWED);
}

/** Makes a server the primary as an operator does. */
async function promote(primary: string): Promise<void> {
  await editConfig((cluster) => {
    const samples = cluster["samples"] as { mysql: object };
    samples.mysql = { ...samples.mysql, primary };
  });
  await up();
}

/** All three are ready, and `also` holds: a pod counts as ready until the kubelet has looked again. One that has what nobody was told of is rebuilt, as the docs say. */
async function allReady(seconds: number, also?: () => Promise<void>): Promise<void> {
  await eventually(seconds, async () => {
    for (const server of SERVERS) {
      const said = await kubectl("-n", "mysql", "logs", server, "-c", "role", "--tail=1");
      if (said.includes("next: rebuild this server")) {
        progress.say(`${server} is rebuilt: ${said.trim()}`);
        await kubectl("-n", "mysql", "delete", "pvc", `data-${server}`, "--wait=false");
        await kubectl("-n", "mysql", "delete", "pod", server, "--wait=false");
      }
    }
    const ready = await kubectl(
      "-n",
      "mysql",
      "get",
      "statefulset",
      "mysql",
      "-o",
      "jsonpath={.status.readyReplicas}",
    );
    assert.equal(ready, "3");
    await also?.();
  });
}

/** Reads up to 10 times a second, one after the other, each on a connection of its own: how many were answered, and why the others were not. */
async function readSteadily(
  from: string,
  seconds: number,
): Promise<{ answered: number; failures: string[] }> {
  const loop = `
    answered=0 end=$(($(date +%s) + ${seconds}))
    while [ "$(date +%s)" -lt "$end" ]; do
      began=$(date +%T.%3N)
      if said=$(${client("mysql-read")} -e 'SELECT COUNT(*) FROM app.numbers' 2>&1); then
        answered=$((answered + 1))
      else
        echo "$began, exit code $?, until $(date +%T.%3N): $said"
      fi
      sleep 0.08
    done
    echo "$answered"`;
  const lines = (await ask(from, loop, ALLOWED)).trim().split("\n");
  return { answered: Number(lines.pop()), failures: lines };
}

/** Writes row after row until one fails; the numbers of those that were acknowledged. */
async function writeUntilFailure(from: string, first: number): Promise<number[]> {
  const loop = `
    i=${first}
    while ${client("mysql-primary")} -e "INSERT INTO app.numbers VALUES ($i)" 2>/dev/null; do echo $i; i=$((i + 1)); done`;
  return (await ask(from, loop, ALLOWED)).trim().split("\n").map(Number);
}

describe("mysql", () => {
  before(async () => {
    // A worker may just have been drained.
    await allReady(180);
    const secret = await kubectl("-n", "mysql", "get", "secret", "mysql", "-o", "jsonpath={.data.app\\.cnf}");
    const image = await kubectl(
      ...["-n", "mysql", "get", "pod", "mysql-0", "-o", "jsonpath={.spec.containers[0].image}"],
    );
    const nodes = await Promise.all(SERVERS.map(nodeOf));
    const spaces = [ALLOWED, FORBIDDEN].map((namespace) => {
      const labels = namespace === ALLOWED ? `{ha-kubernetes/mysql-client: "true"}` : "{}";
      return [
        `{apiVersion: v1, kind: Namespace, metadata: {name: ${namespace}, labels: ${labels}}}`,
        `{apiVersion: v1, kind: Secret, metadata: {name: client, namespace: ${namespace}}, data: {app.cnf: ${secret}}}`,
        // Beside each server one, as the image is where the servers are.
        ...SERVERS.map((server, i) => clientPod(`by-${server}`, namespace, nodes[i] ?? "", image)),
      ].join("\n---\n");
    });
    await apply(spaces.join("\n---\n"));
    for (const namespace of [ALLOWED, FORBIDDEN])
      await waitFor(120, "-n", namespace, "--for=condition=Ready", "pod", "--all");
  });
  after(async () => {
    for (const namespace of [ALLOWED, FORBIDDEN])
      await kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found");
  });

  it("runs on three hosts, and what is written on the primary is read from the replicas", async () => {
    assert.equal(new Set(await Promise.all(SERVERS.map(nodeOf))).size, 3);
    assert.match(
      await kubectl("-n", "mysql", "get", "job", "mysql-promote-mysql-0", "--no-headers"),
      /Complete +1\/1/,
    );
    await sql(
      "by-mysql-0",
      "mysql-primary",
      "DROP TABLE IF EXISTS app.numbers; CREATE TABLE app.numbers (n INT PRIMARY KEY); INSERT INTO app.numbers VALUES (1)",
    );
    assert.deepEqual(
      await Promise.all(
        SERVERS.map(async (server) => (await onServer(server, "SELECT @@server_id, @@read_only")).trim()),
      ),
      ["100\t0", "101\t1", "102\t1"],
    );
    for (const server of ["mysql-1", "mysql-2"])
      await eventually(10, async () =>
        assert.equal((await onServer(server, "SELECT n FROM app.numbers")).trim(), "1"),
      );
    assert.equal(
      (await onServer("mysql-0", "SHOW STATUS LIKE 'rpl_semi_sync_master_clients'")).trim().split("\t")[1],
      "2",
    );
  });

  it("is reached by nobody whose namespace has no label", async () => {
    await assert.rejects(
      ask("by-mysql-1", `${client("mysql-primary")} -e 'SELECT 1'`, FORBIDDEN),
      /Can't connect|timed out|exit code 124/,
    );
  });

  it("loses no read when the worker of a replica is drained", async () => {
    // Where the lab's processors are slow a read with its new connection takes most of a second.
    const reads = readSteadily("by-mysql-2", 120);
    await sleep(3000);
    const node = await nodeOf("mysql-1");
    try {
      await kubectl(
        ...["--request-timeout=0", "drain", node, "--timeout=150s", "--force"],
        ...["--ignore-daemonsets", "--delete-emptydir-data"],
      );
      await sql("by-mysql-2", "mysql-primary", "INSERT INTO app.numbers VALUES (2)");
    } finally {
      await kubectl("uncordon", node);
    }
    const { answered, failures } = await reads;
    progress.say(`while ${node} was drained: ${answered} reads answered, ${failures.length} failed`);
    assert(answered > 100, `only ${answered} answers`);
    assert.deepEqual(failures, []);
    await allReady(180);
  });

  it("loses no acknowledged commit with the primary's host, once another is promoted", async () => {
    const node = await nodeOf("mysql-0");
    const written = writeUntilFailure("by-mysql-2", 1000);
    await sleep(5000);
    await hosts.kill(lab, node);
    const acknowledged = await written;
    assert(acknowledged.length > 20, `only ${acknowledged.length} rows were acknowledged`);
    const from = Date.now();
    await promote("mysql-1");
    progress.say(
      `mysql-1 promoted in ${((Date.now() - from) / 1000).toFixed(1)} s, ${acknowledged.length} rows were acknowledged`,
    );
    await eventually(30, () =>
      sql("by-mysql-2", "mysql-primary", "INSERT IGNORE INTO app.numbers VALUES (500000)"),
    );
    const there = new Set(
      (await sql("by-mysql-2", "mysql-primary", "SELECT n FROM app.numbers")).split("\n").map(Number),
    );
    assert.deepEqual(
      acknowledged.filter((row) => !there.has(row)),
      [],
    );
    await hosts.start(lab, node);
    await waitFor(180, "--for=condition=Ready", `node/${node}`);
    await allReady(300, async () =>
      assert.equal(
        (await onServer("mysql-0", "SELECT @@read_only, MAX(n) FROM app.numbers")).trim(),
        "1\t500000",
      ),
    );
    assert.deepEqual(Object.keys((await up()).changes), ["same"]);
  });

  it("fills a server anew whose volume was deleted, as the docs say", async () => {
    const before = await kubectl(
      "-n",
      "mysql",
      "get",
      "pvc",
      "data-mysql-2",
      "-o",
      "jsonpath={.metadata.uid}",
    );
    await kubectl("-n", "mysql", "delete", "pvc", "data-mysql-2", "--wait=false");
    await kubectl("--request-timeout=0", "-n", "mysql", "delete", "pod", "mysql-2");
    await allReady(180);
    assert.notEqual(
      await kubectl("-n", "mysql", "get", "pvc", "data-mysql-2", "-o", "jsonpath={.metadata.uid}"),
      before,
    );
    assert.equal((await onServer("mysql-2", "SELECT MAX(n) FROM app.numbers")).trim(), "500000");
  });

  it("goes back to the first primary while all are well", async () => {
    await promote("mysql-0");
    await eventually(30, () =>
      sql("by-mysql-2", "mysql-primary", "INSERT IGNORE INTO app.numbers VALUES (500001)"),
    );
    assert.equal((await onServer("mysql-0", "SELECT @@read_only")).trim(), "0");
    await allReady(60);
    await sql("by-mysql-2", "mysql-primary", "DROP TABLE app.numbers");
  });
});

/** A pod with the database's client, on a node. */
function clientPod(name: string, namespace: string, node: string, image: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 1
  nodeName: ${node}
  securityContext: {runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: client
      image: ${image}
      imagePullPolicy: IfNotPresent
      command: [sleep, infinity]
      resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 128Mi}}
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      volumeMounts: [{name: client, mountPath: /etc/client}]
  volumes: [{name: client, secret: {secretName: client, defaultMode: 0440}}]`;
}
