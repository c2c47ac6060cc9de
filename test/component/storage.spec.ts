import assert from "node:assert/strict";
import type * as kubernetes from "@pulumi/kubernetes";
import { ChartError, HaCluster, Storage } from "../../components";
import { parseCluster } from "../../components/spec/parse";
import { RULES } from "../../policies/rules";
import { STORAGE_OUTSIDE } from "../unit/spec/configs";
import { CANARY, record, type Run } from "./support/engine";
import { build, written } from "./support/stacks";
import { inClear, reveal, secretIn } from "./support/wire";

const { ceph, nfs } = STORAGE_OUTSIDE;
const OFF = { enabled: false };
const NAMESPACE = "kubernetes:core/v1:Namespace";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const SECRET = "kubernetes:core/v1:Secret";
const CLASS = "kubernetes:storage.k8s.io/v1:StorageClass";

type StorageClass = kubernetes.types.input.storage.v1.StorageClass & {
  metadata: { name: string; annotations: Record<string, string> };
};

/** A chart that nobody fetched. */
const MISSING = { path: "charts/none.tgz" };

/** The small example with this storage. */
function withStorage(storage: object, more: Parameters<typeof build>[1] = {}): Promise<Run> {
  const config = written("small", (cluster) => (cluster["storage"] = storage));
  return build(parseCluster(config), more);
}

function classes(run: Run): StorageClass[] {
  return run.of(CLASS).map(({ inputs }) => reveal(inputs) as unknown as StorageClass);
}

const byName = (run: Run, name: string) => classes(run).find(({ metadata }) => metadata.name === name)!;
const isDefault = ({ metadata }: StorageClass) =>
  metadata.annotations["storageclass.kubernetes.io/is-default-class"] === "true";

describe("storage", () => {
  it("makes Ceph's class with exactly these parameters, and fast-ssd of the same", async () => {
    const run = await withStorage({ ceph });
    const secret = { name: "csi-rbd-secret", namespace: "ceph-csi-rbd" };
    for (const name of ["ceph-rbd-ssd", "fast-ssd"]) {
      const { metadata, kind: _kind, apiVersion: _version, ...rest } = byName(run, name);
      assert.equal(metadata.name, name);
      assert.deepEqual(rest, {
        provisioner: "rbd.csi.ceph.com",
        parameters: {
          clusterID: ceph.clusterId,
          pool: "kubernetes",
          imageFeatures: "layering",
          ...Object.fromEntries(
            ["provisioner", "controller-expand", "node-stage"].flatMap((step) => [
              [`csi.storage.k8s.io/${step}-secret-name`, secret.name],
              [`csi.storage.k8s.io/${step}-secret-namespace`, secret.namespace],
            ]),
          ),
          "csi.storage.k8s.io/fstype": "ext4",
        },
        volumeBindingMode: "WaitForFirstConsumer",
        reclaimPolicy: "Retain",
        allowVolumeExpansion: true,
      });
    }
  });

  it("makes NFS' class with exactly these parameters", async () => {
    const {
      metadata,
      kind: _kind,
      apiVersion: _version,
      ...rest
    } = byName(await withStorage({ nfs }), "nfs-client");
    assert.equal(metadata.annotations["defaultVolumeType"], undefined);
    assert.deepEqual(rest, {
      provisioner: "nfs.csi.k8s.io",
      parameters: { server: "192.168.10.60", share: "/srv/kubernetes", onDelete: "archive" },
      mountOptions: ["nfsvers=4.1"],
      volumeBindingMode: "Immediate",
      reclaimPolicy: "Retain",
      allowVolumeExpansion: true,
    });
  });

  it("makes one default class, and the alias of what is fast, whatever is on", async () => {
    const kinds: [object, string[]][] = [
      [{}, ["local-path*", "fast-ssd"]],
      [{ ceph }, ["ceph-rbd-ssd*", "local-path", "fast-ssd"]],
      [{ ceph, localPath: OFF }, ["ceph-rbd-ssd*", "fast-ssd"]],
      [{ nfs }, ["local-path*", "fast-ssd", "nfs-client"]],
      [{ nfs, localPath: OFF }, ["nfs-client*"]],
      [{ ceph, nfs }, ["ceph-rbd-ssd*", "local-path", "fast-ssd", "nfs-client"]],
      [{ ceph, nfs, localPath: OFF }, ["ceph-rbd-ssd*", "fast-ssd", "nfs-client"]],
      [{ ceph, nfs, defaultClass: "nfs-client" }, ["ceph-rbd-ssd", "local-path", "fast-ssd", "nfs-client*"]],
      [{ ceph, defaultClass: "local-path" }, ["ceph-rbd-ssd", "local-path*", "fast-ssd"]],
    ];
    for (const [storage, expected] of kinds) {
      const run = await withStorage(storage);
      const found = classes(run).map((one) => `${one.metadata.name}${isDefault(one) ? "*" : ""}`);
      assert.deepEqual(found.sort(), expected.sort());
      // What the policy pack sees of the same plan.
      const plan = run.all.map(({ type, name, inputs }) => ({
        type,
        name,
        props: inputs as Record<string, unknown>,
      }));
      for (const rule of RULES.filter(({ name }) => /class/.test(name)))
        assert.deepEqual(
          plan.flatMap((resource) => rule.judge(resource, plan)),
          [],
          rule.name,
        );
    }
  });

  it("installs each driver as one release in a namespace that may reach the node", async () => {
    const run = await withStorage({ ceph, nfs });
    for (const [name, namespace] of [
      ["dev-storage-ceph-csi", "ceph-csi-rbd"],
      ["dev-storage-nfs-csi", "csi-driver-nfs"],
    ] as const) {
      const { metadata } = reveal(run.named(name, NAMESPACE).inputs) as {
        metadata: { name: string; labels: object };
      };
      assert.equal(metadata.name, namespace);
      assert.deepEqual(metadata.labels, { "pod-security.kubernetes.io/enforce": "privileged" });
      const release = run.named(name, RELEASE);
      const inputs = reveal(release.inputs) as Record<string, unknown>;
      assert.equal(inputs["namespace"], namespace);
      assert.equal(inputs["skipAwait"], true);
      assert.match(String(inputs["description"]), /^sha256:[0-9a-f]{64}$/);
      assert.ok(run.waitsFor(release).includes("dev-worker-worker-1-join"));
      assert.equal(release.options.deletedWith, run.named("dev-api").urn);
    }
    const prometheus = run.named("dev-monitoring-prometheus", "kubernetes:apps/v1:StatefulSet");
    for (const name of ["dev-storage-ceph-csi", "dev-storage-nfs-csi", "dev-storage-ceph-rbd-ssd"])
      assert.ok(run.waitsFor(prometheus).includes(name), name);
  });

  it("keeps the key in one Secret, and in no chart's values", async () => {
    const key = `${CANARY}-ceph`;
    const run = await withStorage({ ceph: { ...ceph, user: "csi" } }, { secrets: { cephKey: key } });
    const { inputs } = run.named("dev-storage-ceph-csi", SECRET);
    assert.deepEqual(secretIn(inputs["stringData"]) ?? reveal(inputs["stringData"]!), {
      userID: "csi",
      userKey: key,
    });
    const said = run.all.map((asked) => JSON.stringify(inClear(asked.inputs)));
    assert.ok(!said.some((text) => text.includes(key)));
    const revealed = run.all.filter((asked) => JSON.stringify(reveal(asked.inputs)).includes(key));
    assert.deepEqual(
      revealed.map(({ type }) => type),
      [SECRET],
    );
    await assert.rejects(
      withStorage({ ceph }, { secrets: {} }),
      /storage\.ceph names the secret cephKey, which is not given/,
    );
  });

  it("refuses an `up` without charts, all of them at once, before anything is made", async () => {
    const config = written("small", (cluster) => (cluster["storage"] = { ceph, nfs }));
    const cluster = parseCluster(config);
    let refused: unknown;
    const run = await record(() => {
      try {
        new HaCluster("dev", { cluster, calicoChart: MISSING, cephChart: MISSING, nfsChart: MISSING });
      } catch (error) {
        refused = error;
      }
    });
    assert.ok(refused instanceof ChartError);
    const cure = "is not there. Likely cause: it was never fetched on this machine. Next: npm run charts.";
    assert.deepEqual(
      refused.message.split("\n"),
      ["Calico", "Ceph CSI", "NFS CSI"].map((title) => `${title}'s chart charts/none.tgz ${cure}`),
    );
    assert.deepEqual(
      run.all.map(({ type }) => type),
      ["ha-kubernetes:index:HaCluster"],
    );
  });

  it("refuses an `up` without a driver's chart in a program of one's own too", async () => {
    const { storage } = parseCluster(written("small", (cluster) => (cluster["storage"] = { nfs })));
    await assert.rejects(
      record(() => void new Storage("own", { storage, nfsChart: MISSING })),
      /NFS CSI's chart charts\/none\.tgz is not there/,
    );
  });

  it("gives monitoring volumes of the fast class where NFS is the default", async () => {
    const claims = async (storage: object) => {
      const run = await withStorage(storage);
      return ["prometheus", "alertmanager"].map((name) => {
        const { spec } = reveal(
          run.named(`dev-monitoring-${name}`, "kubernetes:apps/v1:StatefulSet").inputs,
        ) as { spec: { volumeClaimTemplates: { spec: { storageClassName?: string } }[] } };
        return spec.volumeClaimTemplates[0]?.spec.storageClassName;
      });
    };
    assert.deepEqual(await claims({ ceph, nfs }), [undefined, undefined]);
    assert.deepEqual(await claims({ nfs, defaultClass: "nfs-client" }), ["fast-ssd", "fast-ssd"]);
  });

  it("has the checks try a class that leaves nothing behind", async () => {
    const check = async (storage: object) => {
      const { inputs } = (await withStorage(storage)).named("dev-master-master-1-check");
      const line = JSON.stringify(reveal(inputs));
      return [/\bclass=([\w-]*)/.exec(line)?.[1], /\bretains=yes/.test(line)];
    };
    assert.deepEqual(await check({}), ["local-path", false]);
    assert.deepEqual(await check({ ceph }), ["ceph-rbd-ssd", true]);
    assert.deepEqual(await check({ ceph, defaultClass: "local-path" }), ["local-path", false]);
    assert.deepEqual(await check({ nfs, defaultClass: "nfs-client" }), ["fast-ssd", false]);
    assert.deepEqual(await check({ nfs, localPath: OFF }), ["", false]);
  });
});
