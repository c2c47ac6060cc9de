import { strict as assert } from "node:assert";
import { stringify } from "yaml";
import { parseCluster } from "../../components/spec";
import { cephSecret, storageClasses } from "../../components/storage";
import { goodConfig, STORAGE_OUTSIDE } from "../unit/spec/configs";
import { lookAtPods } from "./checks";
import { ask, makeClients } from "./client";
import { apply, eventually, kubectl, on, progress, waitFor } from "./support";
import { labels, OF_THE_MACHINE, query } from "./prometheus";

/** Services of namespace `monitoring` that have no password. */
const PORTS: Readonly<Record<string, number>> = {
  prometheus: 9090,
  alertmanager: 9093,
  "victoria-logs": 9428,
};

const NODES = ["m1", "m2", "m3", "w1", "w2", "w3"];

describe("storage", () => {
  after(() => kubectl("delete", "namespace", "keeps", "--wait=false", "--ignore-not-found"));

  it("keeps a pod's data over its restart, in a volume whose usage the kubelet reports", async () => {
    await apply(KEEPS);
    const ready = () => waitFor(60, "-n", "keeps", "--for=condition=Ready", "pod/keeps");
    await ready();
    await kubectl("-n", "keeps", "exec", "keeps", "--", "sh", "-c", "echo kept >/data/file");
    await kubectl("-n", "keeps", "delete", "pod", "keeps", "--grace-period=1");
    await apply(KEEPS);
    await ready();
    assert.equal((await kubectl("-n", "keeps", "exec", "keeps", "--", "cat", "/data/file")).trim(), "kept");
    await eventually(120, async () => {
      const used = await query('kubelet_volume_stats_used_bytes{namespace="keeps"}');
      assert.deepEqual(labels(used, "persistentvolumeclaim"), ["data"]);
    });
  });

  it("keeps the folder of its volumes closed to the host's users, and removes a released one", async () => {
    const volume = await kubectl("-n", "keeps", "get", "pvc", "data", "-o", "jsonpath={.spec.volumeName}");
    const node = await kubectl("-n", "keeps", "get", "pod", "keeps", "-o", "jsonpath={.spec.nodeName}");
    assert.equal(await on(node, "stat -c %a /var/lib/local-path"), "700");
    assert.match(await on(node, `ls -d /var/lib/local-path/${volume}*`), new RegExp(volume));
    await kubectl("delete", "namespace", "keeps", "--wait=false");
    await waitFor(60, "--for=delete", "namespace/keeps");
    await eventually(60, async () =>
      assert.equal(await on(node, `ls -d /var/lib/local-path/${volume}* 2>/dev/null || true`), ""),
    );
  });
});

describe("storage from outside", () => {
  // The lab has neither Ceph nor NFS: what the API server itself says of the objects is all that can be seen here.
  it("has classes and a Secret that the API server takes", async () => {
    const said = await apply(fromOutside(), "--dry-run=server");
    assert.deepEqual(said.trim().split("\n").toSorted(), [
      "secret/csi-rbd-secret serverside-applied (server dry run)",
      ...["ceph-rbd-ssd", "fast-ssd", "local-path", "nfs-client"].map(
        (name) => `storageclass.storage.k8s.io/tried-${name} serverside-applied (server dry run)`,
      ),
    ]);
    await assert.rejects(
      apply(fromOutside().replaceAll("volumeBindingMode", "volumeBindingMod"), "--dry-run=server"),
    );
  });
});

describe("monitoring", () => {
  it("knows every node's usage, for kubectl top", async () => {
    const lines = (await kubectl("top", "nodes", "--no-headers")).trim().split("\n");
    assert.deepEqual(lines.map((line) => line.replace(/\s.*/, "")).toSorted(), NODES);
  });

  it("scrapes every part, and no target is down", async () => {
    await eventually(120, async () => {
      const up = await query("up");
      assert.deepEqual(
        up.filter(({ value }) => value !== 1).map(({ metric }) => `${metric["job"]} ${metric["instance"]}`),
        [],
      );
      const count = (job: string) => up.filter(({ metric }) => metric["job"] === job).length;
      const jobs = Object.fromEntries(labels(up, "job").map((job) => [job, count(job)]));
      assert.deepEqual(jobs, {
        alertmanager: 3,
        apiserver: 3,
        cadvisor: 6,
        coredns: 2,
        etcd: 3,
        haproxy: 2,
        "kube-controller-manager": 3,
        "kube-proxy": 6,
        "kube-router": 6,
        "kube-scheduler": 3,
        "kube-state-metrics": 1,
        kubelet: 6,
        "log-collector": 6,
        "node-agent": 3,
        // Of nodes, etcd members and load balancers.
        "node-exporter": 11,
        prometheus: 2,
        velero: 1,
        "victoria-logs": 1,
      });
    });
    const [series] = await query('max(prometheus_tsdb_head_series{pod="prometheus-0"})');
    progress.say(`Prometheus has ${series?.value} series`);
  });

  it("lets nobody in but namespaces with its label", async () => {
    const namespace = "strangers";
    const remove = await makeClients(["stranger"], namespace);
    try {
      const connect = (target: string) =>
        ask(
          "stranger",
          `/agnhost connect ${target}.monitoring:${PORTS[target]} --timeout=3s 2>&1`,
          namespace,
        );
      for (const target of Object.keys(PORTS))
        await assert.rejects(connect(target), /TIMEOUT|REFUSED/, target);
      await kubectl("label", "namespace", namespace, "ha-kubernetes/monitoring-client=true");
      for (const target of Object.keys(PORTS)) await eventually(30, () => connect(target));
    } finally {
      await remove();
    }
  });

  it("loads every rule, and fires the watchdog alone", async () => {
    const [failures] = await query("sum(prometheus_rule_evaluation_failures_total)");
    assert.equal(failures?.value, 0);
    await eventually(60, async () => {
      const alerts = labels(await query('ALERTS{alertstate="firing"}'), "alertname");
      assert.deepEqual(
        alerts.filter((alert) => !OF_THE_MACHINE.includes(alert)),
        ["Watchdog"],
      );
    });
  });

  it("brings its alerts to all Alertmanagers", async () => {
    const received = await query("min by (pod) (alertmanager_alerts{state='active'}) > 0");
    assert.deepEqual(labels(received, "pod"), ["alertmanager-0", "alertmanager-1", "alertmanager-2"]);
    const [members] = await query("min(alertmanager_cluster_members)");
    assert.equal(members?.value, 3);
  });

  it("is waited for by the checks until a changed StatefulSet has reached every pod", async () => {
    const look = () => lookAtPods("monitoring");
    await eventually(30, async () => assert.equal((await look())?.verdict, "ok"));
    await kubectl("-n", "monitoring", "rollout", "restart", "statefulset/alertmanager");
    assert.match((await look())?.seen ?? "", /statefulset\/alertmanager has [0-2] of 3/);
    await eventually(180, async () => assert.equal((await look())?.verdict, "ok"));
    const { updatedReplicas, readyReplicas } = JSON.parse(
      await kubectl("-n", "monitoring", "get", "statefulset/alertmanager", "-o", "jsonpath={.status}"),
    ) as Record<string, number>;
    assert.deepEqual([updatedReplicas, readyReplicas], [3, 3]);
  });
});

/**
 * The objects of Ceph and NFS as our code makes them, but for two names: the lab's own fast-ssd can't be changed, and
 * the driver's namespace is not there.
 */
function fromOutside(): string {
  const { storage } = parseCluster(goodConfig({ storage: STORAGE_OUTSIDE }));
  assert(storage.ceph);
  const { metadata, ...secret } = cephSecret(storage.ceph, "AQBleHQ=");
  const objects = [
    ...storageClasses(storage).map((one) => ({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      ...one,
      metadata: { ...one.metadata, name: `tried-${one.metadata.name}` },
    })),
    { apiVersion: "v1", kind: "Secret", ...secret, metadata: { ...metadata, namespace: "default" } },
  ];
  return objects.map((object) => stringify(object)).join("---\n");
}

const KEEPS = `
apiVersion: v1
kind: Namespace
metadata: {name: keeps}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: keeps}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: keeps, namespace: keeps}
spec:
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 1
  securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: keeps
      image: registry.k8s.io/e2e-test-images/agnhost:2.63.0
      args: [pause]
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
      volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`;
