import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import { WorkloadBackup } from "../../components";
import { parseCluster } from "../../components/spec/parse";
import { artifactManifest } from "../../components/spec/artifacts";
import { VELERO_AWS_IMAGE, VELERO_IMAGE } from "../../components/spec/services";
import { CANARY, record, type Asked, type Run, type Wire } from "./support/engine";
import { build, example, exampleRun, written } from "./support/stacks";
import { inClear, reveal, secretIn, text } from "./support/wire";

const S3 = {
  url: "https://s3.example.com/",
  bucket: "backups",
  accessKeySecret: "backupAccessKey",
  secretKeySecret: "backupSecretKey",
};
const SECRETS = { backupAccessKey: `${CANARY}-id`, backupSecretKey: `${CANARY}-key` };

const cluster = (backup: object = { s3: S3 }) =>
  parseCluster(written("small", (config) => (config["backup"] = backup)));

let built: Promise<Run> | undefined;
const run = () => (built ??= build(cluster(), { secrets: SECRETS }));

/** What the component asks of the API, by kind and name. */
async function object(kind: string, name: string): Promise<Asked> {
  const { all } = await run();
  const found = all.filter(
    ({ type, inputs }) =>
      type.endsWith(`:${kind}`) &&
      (reveal(inputs["metadata"] ?? null) as { name: string; namespace?: string } | null)?.name === name,
  );
  assert.equal(found.length, 1, `${kind} ${name}: ${found.length}`);
  return found[0]!;
}

/** The value below these keys. */
function at(value: Wire | undefined, ...path: string[]): Wire {
  return path.reduce<Wire>(
    (inner, key) => (inner as Record<string, Wire>)[key] ?? null,
    reveal(value ?? null),
  );
}

describe("backup of workloads", () => {
  it("is off unless the config has it", async () => {
    assert.deepEqual((await exampleRun("small")).of("ha-kubernetes:index:WorkloadBackup"), []);
    assert.ok(!artifactManifest(example("small")).images.worker.includes(VELERO_IMAGE));
    for (const image of [VELERO_IMAGE, VELERO_AWS_IMAGE])
      assert.ok(artifactManifest(cluster()).images.worker.includes(image));
  });

  it("makes the custom resources before everything that is one, or asks for them", async () => {
    const all = await run();
    const waits = async (kind: string, name: string) => all.waitsFor(await object(kind, name));
    for (const [kind, name] of [
      ["BackupStorageLocation", "default"],
      ["Deployment", "velero"],
      ["DaemonSet", "node-agent"],
    ] as const)
      assert.ok((await waits(kind, name)).includes("dev-backup-crds"), kind);
    const job = await waits("Job", "velero-crds-1-18-3");
    for (const needed of ["dev-backup-velero", "dev-worker-worker-3-join"])
      assert.ok(job.includes(needed), needed);
    // Else the server makes a password that everybody knows.
    assert.ok((await waits("Deployment", "velero")).includes("dev-backup-repository"));
    for (const needed of ["dev-backup-velero", "dev-backup-node-agent"])
      assert.ok((await waits("Schedule", "daily")).includes(needed), needed);
  });

  it("shows the store's keys and the password of the copies to nobody", async () => {
    const all = await run();
    const credentials = await object("Secret", "cloud-credentials");
    assert.equal(
      (secretIn(credentials.inputs["stringData"]) as Record<string, string>)["cloud"],
      `[default]\naws_access_key_id = ${CANARY}-id\naws_secret_access_key = ${CANARY}-key\n`,
    );
    const password = await object("Secret", "velero-repo-credentials");
    assert.match(text(at(password.inputs["stringData"], "repository-password")), new RegExp(CANARY));
    for (const { name, inputs } of all.all)
      assert.ok(!JSON.stringify(inClear(inputs)).includes(CANARY), name);
  });

  it("takes the password of another cluster's copies", async () => {
    const given = { ...SECRETS, old: `${CANARY}-old` };
    const { all } = await build(cluster({ s3: S3, repositoryPasswordSecret: "old" }), { secrets: given });
    const [secret] = all.filter(({ name }) => name === "dev-backup-repository");
    assert.deepEqual(secretIn(secret?.inputs["stringData"]), { "repository-password": `${CANARY}-old` });
    await assert.rejects(build(cluster(), { secrets: {} }), /backup\.s3 names the secret backupAccessKey/);
  });

  it("keeps to a folder of the cluster's own, at the store's address", async () => {
    const { inputs } = await object("BackupStorageLocation", "default");
    assert.deepEqual(at(inputs["spec"], "objectStorage"), { bucket: "backups", prefix: "dev" });
    assert.deepEqual(at(inputs["spec"], "config"), {
      region: "us-east-1",
      s3Url: "https://s3.example.com",
      s3ForcePathStyle: "true",
      checksumAlgorithm: "",
    });
  });

  it("saves all but what up makes again, and the files of claimed volumes", async () => {
    const { inputs } = await object("Schedule", "daily");
    const template = at(inputs["spec"], "template") as Record<string, unknown>;
    const excluded = template["excludedNamespaces"] as string[];
    for (const namespace of ["kube-system", "monitoring", "velero"]) assert.ok(excluded.includes(namespace));
    assert.ok(!excluded.includes("default"));
    assert.equal(template["defaultVolumesToFsBackup"], true);
    assert.equal(template["ttl"], "720h0m0s");
    const policy = await object("ConfigMap", (template["resourcePolicy"] as { name: string }).name);
    assert.match(text(at(policy.inputs["data"], "policies.yaml")), /emptyDir/);
  });

  it("runs as nobody but for the agent, which is root without rights, and writes to no root filesystem", async () => {
    for (const [kind, name, user] of [
      ["Job", "velero-crds-1-18-3", 65534],
      ["Deployment", "velero", 65534],
      ["DaemonSet", "node-agent", 0],
    ] as const) {
      const pod = at((await object(kind, name)).inputs["spec"], "template", "spec");
      const { containers, initContainers = [] } = pod as unknown as Record<string, Container[]>;
      for (const { securityContext, resources } of [...containers!, ...initContainers]) {
        assert.deepEqual(
          { ...securityContext, runAsNonRoot: undefined },
          {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: undefined,
            runAsUser: user,
            capabilities: { drop: ["ALL"] },
            seccompProfile: { type: "RuntimeDefault" },
          },
          name,
        );
        assert.ok(resources?.limits?.["memory"] && resources.requests?.["memory"], name);
      }
    }
  });

  it("is watched, where there is monitoring", async () => {
    const rules = await object("ConfigMap", "prometheus-rules");
    assert.match(text(at(rules.inputs["data"], "backup.yaml")), /WorkloadBackupTooOld/);
    const config = text(at((await object("ConfigMap", "prometheus")).inputs["data"], "prometheus.yml"));
    for (const job of ["velero", "node-agent"]) assert.match(config, new RegExp(`job_name: ${job}\n`));
    const dashboards = await object("ConfigMap", "grafana-dashboards");
    assert.ok(at(dashboards.inputs["data"], "backups.json"));
    const without = (await exampleRun("small")).all.find(
      ({ name }) => name === "dev-monitoring-prometheus-rules",
    );
    assert.equal(at(without?.inputs["data"], "backup.yaml"), null);
  });

  it("stands on any cluster that a provider reaches", async () => {
    const { backup } = cluster();
    assert.ok(backup);
    const alone = await record(() => {
      const provider = new kubernetes.Provider("any", { kubeconfig: "{}" });
      new WorkloadBackup("b", { backup, secrets: SECRETS }, { provider });
    });
    const asked = alone.all.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.ok(asked.some(({ type }) => type === "kubernetes:velero.io/v1:Schedule"));
    for (const { options } of asked) assert.equal(options.deletedWith, "");
  });
});

interface Container {
  securityContext?: Record<string, unknown>;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
}
