import assert from "node:assert/strict";
import { artifactManifest } from "../../components/spec/artifacts";
import { RULES } from "../../policies/rules";
import { CANARY, type Asked, type Run } from "./support/engine";
import { build, example, type Written } from "./support/stacks";
import { inClear, reveal, secretIn } from "./support/wire";

const NAME = "dev-sample-mysql";

const withMysql = (mysql: object) => (config: Written) => {
  config["samples"] = { mysql: { enabled: true, ...mysql } };
};

interface Container {
  name: string;
  image: string;
  command: string[];
  env: { name: string; value?: string }[];
  resources: object;
  securityContext: object;
  [probe: string]: unknown;
}

interface Inputs {
  metadata: { name: string; namespace: string };
  spec: Record<string, unknown> & {
    template: {
      metadata: { annotations: Record<string, string> };
      spec: { containers: Container[]; affinity: object; volumes: { secret?: object }[] };
    };
  };
}

const inputs = (asked: Asked) => reveal(asked.inputs) as unknown as Inputs;

describe("sample mysql", () => {
  let run: Run;
  let servers: Inputs;
  let job: Asked;
  before(async () => {
    run = await build(example("small", withMysql({ engine: "mariadb", primary: "mysql-1" })));
    servers = inputs(run.named(NAME, "kubernetes:apps/v1:StatefulSet"));
    job = run.named(`${NAME}-promote`);
  });

  const service = (suffix: string) =>
    inputs(run.named(`${NAME}${suffix}`, "kubernetes:core/v1:Service")).spec;

  it("is three servers, each on a host of its own, with a volume of the fast class", () => {
    const { replicas, podManagementPolicy, serviceName, template, volumeClaimTemplates } = servers.spec;
    assert.deepEqual([replicas, podManagementPolicy, serviceName], [3, "Parallel", "mysql"]);
    assert.deepEqual(template.spec.affinity, {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: "kubernetes.io/hostname",
            labelSelector: { matchLabels: { "app.kubernetes.io/name": "mysql" } },
          },
        ],
      },
    });
    assert.deepEqual(volumeClaimTemplates, [
      {
        metadata: { name: "data" },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: "fast-ssd",
          resources: { requests: { storage: "10Gi" } },
        },
      },
    ]);
    const budget = inputs(run.named(NAME, "kubernetes:policy/v1:PodDisruptionBudget")).spec;
    assert.equal(budget["minAvailable"], 2);
  });

  it("is probed and limited as required", () => {
    const [server] = servers.spec.template.spec.containers;
    assert.ok(server);
    assert.deepEqual(server.resources, {
      requests: { cpu: "500m", memory: "1Gi" },
      limits: { cpu: "2", memory: "4Gi" },
    });
    const { livenessProbe, readinessProbe } = server as unknown as Record<string, Record<string, number>>;
    assert.deepEqual([livenessProbe?.["initialDelaySeconds"], livenessProbe?.["periodSeconds"]], [30, 10]);
    assert.deepEqual([readinessProbe?.["initialDelaySeconds"], readinessProbe?.["periodSeconds"]], [5, 2]);
  });

  it("has no rights, and the image that hosts have", () => {
    const image = "docker.io/library/mariadb:10.11.14";
    for (const { spec } of [servers, inputs(job)]) {
      for (const container of spec.template.spec.containers) {
        assert.equal(container.image, image);
        assert.deepEqual(container.securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 999,
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "RuntimeDefault" },
        });
      }
    }
    const cluster = example("small", withMysql({}));
    assert.ok(artifactManifest(cluster).images.worker.includes("docker.io/library/mysql:8.4.6"));
    assert.ok(!artifactManifest(cluster).images.worker.some((other) => other.includes("nginx")));
  });

  it("sends writes to the primary that the config names, and reads to all that are ready", () => {
    const name = { "app.kubernetes.io/name": "mysql" };
    assert.deepEqual(service("-primary")["selector"], {
      ...name,
      "statefulset.kubernetes.io/pod-name": "mysql-1",
    });
    assert.deepEqual(service("-read")["selector"], name);
    assert.equal(service("-read")["publishNotReadyAddresses"], undefined);
    assert.deepEqual([service("")["clusterIP"], service("")["publishNotReadyAddresses"]], ["None", true]);
  });

  it("turns the Service for writes only after the promotion, which waits for the servers and their volumes", () => {
    assert.equal(inputs(job).metadata.name, "mysql-promote-mysql-1");
    assert.deepEqual(inputs(job).spec.template.spec.containers[0]?.command, [
      "bash",
      "/etc/mysql-sample/promote.sh",
      "mysql-1",
    ]);
    assert.ok(run.waitsFor(run.named(`${NAME}-primary`)).includes(`${NAME}-promote`));
    assert.ok(run.waitsFor(job).includes(NAME));
    const waits = run.waitsFor(run.named(NAME, "kubernetes:apps/v1:StatefulSet"));
    assert.ok(waits.includes("dev-storage-fast-ssd"), waits.join(", "));
  });

  it("keeps its passwords in one Secret, each another one, and shows the promotion root's only", () => {
    const secret = run.named(NAME, "kubernetes:core/v1:Secret");
    const data = secretIn(secret.inputs["stringData"]) as Record<string, string>;
    const users = ["root", "replication", "app", "probe"];
    assert.deepEqual(Object.keys(data).sort(), users.flatMap((user) => [user, `${user}.cnf`]).sort());
    assert.equal(new Set(users.map((user) => data[user])).size, 4);
    assert.equal(data["root.cnf"], `[client]\nuser = root\npassword = ${data["root"]}\n`);
    const clear = run.all
      .filter(({ type, name }) => type.startsWith("kubernetes:") && name.startsWith(NAME))
      .map((asked) => JSON.stringify(inClear(asked.inputs)));
    assert.ok(clear.length > 10 && !clear.some((text) => text.includes(CANARY)));
    const volume = inputs(job).spec.template.spec.volumes.find((one) => one.secret);
    assert.deepEqual(volume?.secret, {
      secretName: "mysql",
      defaultMode: 0o440,
      items: [{ key: "root.cnf", path: "root.cnf" }],
    });
  });

  it("has the scripts of its dialect", async () => {
    const files = (of: Run) =>
      Object.keys(
        (reveal(of.named(NAME, "kubernetes:core/v1:ConfigMap").inputs) as { data: object }).data,
      ).sort();
    const common = ["backup.sh", "common.sh", "probe.sh", "promote.sh", "role.sh", "server.cnf", "start.sh"];
    assert.deepEqual(files(run), [...common, "mariadb.sh"].sort());
    assert.deepEqual(
      files(await build(example("small", withMysql({ engine: "mysql" })))),
      [...common, "mysql.sh"].sort(),
    );
  });

  it("is saved with every pod, also one that could make no dump: only a saved pod is told of its restore", () => {
    const { metadata, spec } = servers.spec.template;
    assert.equal(metadata.annotations["pre.hook.backup.velero.io/on-error"], "Continue");
    assert.deepEqual(
      spec.containers.map(({ env }) => env.find(({ name }) => name === "MYSQL_RESTORED")),
      spec.containers.map(() => ({
        name: "MYSQL_RESTORED",
        valueFrom: { fieldRef: { fieldPath: "metadata.labels['velero.io/restore-name']" } },
      })),
    );
  });

  it("is entered from its own pods and from namespaces with the label", () => {
    const { spec } = inputs(run.named(`${NAME}-allow`));
    assert.deepEqual(spec["ingress"], [
      {
        from: [
          { podSelector: {} },
          { namespaceSelector: { matchLabels: { "ha-kubernetes/mysql-client": "true" } } },
        ],
        ports: [{ protocol: "TCP", port: 3306 }],
      },
    ]);
  });

  it("breaks no policy", () => {
    const plan = run.all.map(({ type, name, inputs: given }) => ({
      type,
      name,
      props: reveal(given) as Record<string, unknown>,
    }));
    const mine = plan.filter(({ name }) => name.startsWith(NAME));
    for (const { name, judge } of RULES)
      assert.deepEqual(
        mine.flatMap((resource) => judge(resource, plan)),
        [],
        name,
      );
  });
});
