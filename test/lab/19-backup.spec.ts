import { strict as assert } from "node:assert";
import { backUp, restore } from "./backups";
import { onServer } from "./mysql";
import { labels, query } from "./prometheus";
import { apply, eventually, kubectl, progress, up, waitFor } from "./support";

const NAMESPACE = "ledger";

/** A shell command in the workload's pod. */
function inLedger(command: string): Promise<string> {
  return kubectl("-n", NAMESPACE, "exec", "deploy/ledger", "--", "sh", "-c", command);
}

/** Writes a row into the workload's volume. */
function writeRow(row: string): Promise<string> {
  return inLedger(`echo ${row} >>/data/rows`);
}

/** All rows that are in it. */
async function rows(): Promise<string[]> {
  return (await inLedger("cat /data/rows")).trim().split("\n");
}

function ready(): Promise<string> {
  return waitFor(120, "-n", NAMESPACE, "--for=condition=Available", "deployment/ledger");
}

describe("backup of workloads", () => {
  const started = Date.now();
  // Of an earlier run of this file there may be some.
  const name = `daily-${started}`;
  after(() => kubectl("delete", "namespace", NAMESPACE, "--wait=false", "--ignore-not-found"));

  it("has a store that answers, and an agent on every worker", async () => {
    await waitFor(
      120,
      "-n",
      "velero",
      "--for=jsonpath={.status.phase}=Available",
      "backupstoragelocation/default",
    );
    const pods = await kubectl(
      ...["-n", "velero", "get", "pods", "-l", "role=node-agent"],
      ...["-o", "jsonpath={.items[*].spec.nodeName}"],
    );
    assert.deepEqual(pods.split(" ").sort(), ["w1", "w2", "w3"]);
  });

  it("knows its volumes' password from us, not the one that everybody knows", async () => {
    const secret = ["-n", "velero", "get", "secret", "velero-repo-credentials"];
    const password = await kubectl(...secret, "-o", "jsonpath={.data.repository-password}");
    assert.match(Buffer.from(password, "base64").toString(), /^[A-Za-z0-9]{32}$/);
  });

  it("saves a namespace with the files in its volume", async () => {
    await apply(LEDGER);
    await ready();
    await writeRow("first");
    await writeRow("second");
    await onServer(
      "mysql-0",
      "CREATE OR REPLACE TABLE app.kept (n INT PRIMARY KEY); INSERT INTO app.kept VALUES (1), (2), (3)",
    );
    const from = Date.now();
    await backUp(name, 300);
    progress.say(`a backup took ${((Date.now() - from) / 1000).toFixed(0)} s`);
    const copies = ["podvolumebackups.velero.io", "-l", `velero.io/backup-name=${name}`];
    const list = await kubectl("-n", "velero", "get", ...copies, "-o", "json");
    const { items } = JSON.parse(list) as {
      items: { spec: { pod: { namespace: string }; volume: string } }[];
    };
    const ours = items.filter(({ spec }) => spec.pod.namespace === NAMESPACE);
    // Volumes that are gone with their pod are not copied.
    assert.deepEqual(
      ours.map(({ spec }) => spec.volume),
      ["data"],
    );
  });

  it("brings it back after it was deleted, as it was", async () => {
    await writeRow("too late");
    await kubectl("delete", "namespace", NAMESPACE, "--wait=false");
    await waitFor(120, "--for=delete", `namespace/${NAMESPACE}`);
    const from = Date.now();
    await restore(name, name, NAMESPACE, 300);
    await ready();
    progress.say(`a restore took ${((Date.now() - from) / 1000).toFixed(0)} s`);
    assert.deepEqual(await rows(), ["first", "second"]);
  });

  it("brings the sample mysql back with its rows, all three servers", async () => {
    await onServer("mysql-0", "INSERT INTO app.kept VALUES (4)");
    await kubectl("delete", "namespace", "mysql", "--wait=false");
    await waitFor(180, "--for=delete", "namespace/mysql");
    const from = Date.now();
    await restore(`${name}-mysql`, name, "mysql", 300);
    const states: string[] = [];
    await eventually(240, async () => {
      const servers = ["mysql-0", "mysql-1", "mysql-2"];
      const exec = (server: string) => ["-n", "mysql", "exec", server, "-c", "role", "--"];
      states.splice(0, 3);
      for (const server of servers)
        states.push((await kubectl(...exec(server), "cat", "/run/mysqld/state")).trim());
      assert.deepEqual(states, ["primary", "replica", "replica"]);
      for (const server of servers)
        assert.equal(await onServer(server, "SELECT n FROM app.kept"), "1\n2\n3", server);
    });
    progress.say(`the database was back ${((Date.now() - from) / 1000).toFixed(0)} s after it was asked for`);
    await onServer("mysql-0", "DROP TABLE app.kept");
    assert.deepEqual(Object.keys((await up()).changes), ["same"]);
  });

  it("is known to Prometheus as good, and no alert of it fires", async () => {
    await eventually(120, async () => {
      const good = await query('max by (schedule) (velero_backup_last_successful_timestamp{schedule!=""})');
      assert.deepEqual(labels(good, "schedule"), ["daily"]);
      assert((good[0]?.value ?? 0) * 1000 > started);
    });
    const store = await query("velero_backup_location_status_gauge");
    assert.deepEqual(labels(store, "backup_location_name"), ["default"]);
    const failed = await query(
      'velero_backup_failure_total{schedule="daily"} + velero_backup_partial_failure_total + velero_backup_validation_failure_total',
    );
    assert.equal(failed.length, 1);
    assert.deepEqual(await query('ALERTS{alertname=~"WorkloadBackup.*|BackupStore.*"}'), []);
  });
});

const LEDGER = `
apiVersion: v1
kind: Namespace
metadata: {name: ${NAMESPACE}, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: ${NAMESPACE}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Mi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger, namespace: ${NAMESPACE}}
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector: {matchLabels: {app: ledger}}
  template:
    metadata: {labels: {app: ledger}}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 1
      securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: ledger
          image: registry.k8s.io/e2e-test-images/agnhost:2.63.0
          args: [pause]
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          volumeMounts: [{name: data, mountPath: /data}, {name: tmp, mountPath: /tmp}]
      volumes:
        - {name: data, persistentVolumeClaim: {claimName: data}}
        - {name: tmp, emptyDir: {}}
`;
