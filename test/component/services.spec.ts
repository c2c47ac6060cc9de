import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import { Logs, MetricsServer, Monitoring, Storage } from "../../components";
import { parseCluster } from "../../components/spec/parse";
import { artifactManifest } from "../../components/spec/artifacts";
import { CANARY, record, type Asked, type Run } from "./support/engine";
import { build, example, exampleRun, smallWith, written } from "./support/stacks";
import { inClear, reveal, secretIn } from "./support/wire";

/** What runs the services. */
const COMPONENTS = ["Storage", "MetricsServer", "Monitoring", "Logs"];

interface Container {
  name: string;
  image: string;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: Record<string, unknown>;
  livenessProbe?: unknown;
  readinessProbe?: unknown;
}

interface Workload {
  spec: {
    replicas?: number;
    template: { spec: { containers: Container[]; volumes?: { hostPath?: object }[] } };
  };
}

/** Users of images that have one of their own, and the one who reads the nodes' logs. */
const USERS: Record<string, number> = {
  "dev-monitoring-grafana": 472,
  "dev-logs-store": 10_001,
  "dev-logs-collector": 0,
};

/** Everything that the services ask of the API. */
function objects(run: Run): Asked[] {
  const services = new Set(
    COMPONENTS.flatMap((c) => run.of(`ha-kubernetes:index:${c}`)).map(({ urn }) => urn),
  );
  return run.all.filter(({ type, parent }) => type.startsWith("kubernetes:") && services.has(parent));
}

function workloads(run: Run): [string, Workload][] {
  return objects(run)
    .filter(({ type }) => /:(Deployment|StatefulSet|DaemonSet)$/.test(type))
    .map(({ name, inputs }) => [name, reveal(inputs) as unknown as Workload]);
}

describe("services", () => {
  it("run by images that the hosts' manifest has, each with requests, a limit of memory and no rights", async () => {
    const images = artifactManifest(example("small")).images.worker;
    const all = workloads(await exampleRun("small"));
    assert.equal(all.length, 9);
    for (const [name, { spec }] of all) {
      for (const container of spec.template.spec.containers) {
        assert.ok(images.includes(container.image), `${name}: ${container.image}`);
        assert.ok(container.resources?.requests?.["cpu"] && container.resources.requests["memory"], name);
        assert.ok(container.resources.limits?.["memory"], name);
        const { runAsUser, ...security } = container.securityContext ?? {};
        assert.equal(runAsUser, USERS[name] ?? 65534, name);
        // It reads what is root's, and nothing else.
        if (name === "dev-logs-collector") continue;
        assert.deepEqual(security, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "RuntimeDefault" },
        });
      }
    }
  });

  it("are replicated, and keep to hosts of their own, where one's loss would be felt", async () => {
    const replicas = Object.fromEntries(
      workloads(await exampleRun("small")).map(([name, { spec }]) => [name, spec.replicas]),
    );
    assert.deepEqual(replicas, {
      "dev-storage-local-path": 1,
      "dev-metrics-server": 2,
      "dev-monitoring-node-exporter": undefined,
      "dev-monitoring-kube-state-metrics": 1,
      "dev-monitoring-grafana": 1,
      "dev-monitoring-alertmanager": 3,
      "dev-monitoring-prometheus": 2,
      "dev-logs-collector": undefined,
      "dev-logs-store": 1,
    });
  });

  it("look at the host's files with node-exporter and the collector of logs only", async () => {
    const hostPaths = workloads(await exampleRun("small"))
      .filter(([, { spec }]) => spec.template.spec.volumes?.some(({ hostPath }) => hostPath))
      .map(([name]) => name);
    assert.deepEqual(hostPaths.sort(), ["dev-logs-collector", "dev-monitoring-node-exporter"]);
  });

  it("go with their cluster, so that a destroy asks a dead API for nothing", async () => {
    const run = await exampleRun("small");
    const provider = run.named("dev-api").urn;
    for (const { name, type, options } of objects(run))
      assert.equal(options.deletedWith, provider, `${type} ${name}`);
  });

  it("are known to the API by one name, so that they can be made again", async () => {
    const run = await exampleRun("small");
    const all = run.all.filter(({ type }) => /^kubernetes:(?!helm)/.test(type));
    assert.ok(all.length > 40);
    for (const { name, inputs } of all) {
      const { annotations } = (reveal(inputs) as { metadata: { annotations: Record<string, string> } })
        .metadata;
      assert.equal(annotations["pulumi.com/patchFieldManager"], "ha-kubernetes", name);
    }
  });

  it("wait for Ready workers and the network", async () => {
    const run = await exampleRun("small");
    for (const name of ["dev-storage-local-path", "dev-metrics-server", "dev-monitoring-prometheus"]) {
      const [workload] = objects(run).filter(
        (asked) => asked.name === name && "template" in Object(asked.inputs["spec"]),
      );
      assert.ok(workload, name);
      const waits = run.waitsFor(workload);
      for (const worker of ["worker-1", "worker-2", "worker-3"])
        assert.ok(waits.includes(`dev-worker-${worker}-join`), `${name} ${worker}`);
    }
  });

  it("can each be switched off", async () => {
    const kinds = (run: Run) => COMPONENTS.filter((c) => run.of(`ha-kubernetes:index:${c}`).length > 0);
    assert.deepEqual(kinds(await smallWith("monitoring", { metricsServer: false })), [
      "Storage",
      "Monitoring",
      "Logs",
    ]);
    const bare = await build(
      parseCluster(
        written("small", (cluster) => {
          cluster["storage"] = { localPath: { enabled: false } };
          cluster["monitoring"] = { enabled: false, metricsServer: false };
          cluster["logs"] = { enabled: false };
        }),
      ),
    );
    assert.deepEqual(objects(bare), []);
  });

  it("share a namespace that stays the same whichever of monitoring and logs is on", async () => {
    for (const [monitoring, logs] of [
      [true, true],
      [true, false],
      [false, true],
    ]) {
      const run = await build(
        parseCluster(
          written("small", (cluster) => {
            cluster["monitoring"] = { enabled: monitoring };
            cluster["logs"] = { enabled: logs };
          }),
        ),
      );
      const spaces = run
        .of("kubernetes:core/v1:Namespace")
        .filter(({ inputs }) => /"monitoring"/.test(JSON.stringify(reveal(inputs))));
      assert.deepEqual(
        spaces.map(({ name, parent }) => [name, parent]),
        [["dev-monitoring-namespace", run.named("dev", "ha-kubernetes:index:HaCluster").urn]],
      );
      assert.equal(spaces[0]?.options.deletedWith, run.named("dev-api").urn);
      // Until 2026-11-27 it was a child of Monitoring: that one is taken over, and not made anew with all that is in it.
      assert.deepEqual(spaces[0].options.formerParents, [
        "urn:pulumi:test::ha-kubernetes::ha-kubernetes:index:HaCluster$ha-kubernetes:index:Monitoring::dev-monitoring",
      ]);
    }
  });

  it("have as much memory as the profile's nodes want", async () => {
    const memory = async (profile: "small" | "large") =>
      Object.fromEntries(
        workloads(await exampleRun(profile)).flatMap(([name, { spec }]) =>
          spec.template.spec.containers.map((container) => [
            `${name.replace(/^\w+-/, "")} ${container.name}`,
            `${container.resources?.requests?.["memory"]} ${container.resources?.limits?.["memory"]}`,
          ]),
        ),
      );
    const [small, large] = [await memory("small"), await memory("large")];
    const one = (name: string) => [small[name], large[name]];
    assert.deepEqual(one("metrics-server metrics-server"), ["200Mi 400Mi", "1010Mi 2020Mi"]);
    assert.deepEqual(one("monitoring-kube-state-metrics kube-state-metrics"), [
      "128Mi 512Mi",
      "533Mi 2132Mi",
    ]);
    assert.deepEqual(one("monitoring-prometheus prometheus"), ["512Mi 2048Mi", "8192Mi 32768Mi"]);
    assert.deepEqual(one("logs-store loki"), ["256Mi 1Gi", "4096Mi 16Gi"]);
  });

  it("make one default class, and the alias for fast disks beside it", async () => {
    const classes = (await exampleRun("small"))
      .of("kubernetes:storage.k8s.io/v1:StorageClass")
      .map(
        ({ inputs }) =>
          (reveal(inputs) as { metadata: { name: string; annotations: Record<string, string> } }).metadata,
      );
    assert.deepEqual(
      classes.map(({ name, annotations }) => [
        name,
        annotations["storageclass.kubernetes.io/is-default-class"],
      ]),
      [
        ["local-path", "true"],
        ["fast-ssd", "false"],
      ],
    );
    for (const { annotations } of classes) assert.equal(annotations["defaultVolumeType"], "local");
  });

  it("keep the key of metrics-server and Grafana's password secret", async () => {
    const run = await exampleRun("small");
    const shown = (name: string, key: string) => {
      const data = inClear(run.named(name, "kubernetes:core/v1:Secret").inputs["stringData"] ?? null);
      return typeof data === "object" ? (data as Record<string, unknown>)[key] : data;
    };
    assert.equal(shown("dev-metrics-server", "tls.key"), "[secret]");
    assert.equal(shown("dev-monitoring-grafana", "admin-password"), "[secret]");
  });

  it("give the receivers' secrets to Alertmanager in files, and nowhere else", async () => {
    const config = written("small", (cluster) => {
      cluster["monitoring"] = { receivers: { webhook: { urlSecret: "hook" } } };
    });
    const run = await build(parseCluster(config), { secrets: { hook: CANARY } });
    const { inputs } = run.named("dev-monitoring-alertmanager", "kubernetes:core/v1:Secret");
    assert.deepEqual(secretIn(inputs["stringData"]), { hook: CANARY });
    const clear = objects(run).map((asked) => JSON.stringify(inClear(asked.inputs)));
    assert.ok(!clear.some((text) => text.includes(CANARY)));
    await assert.rejects(build(parseCluster(config)), /names the secret hook, which is not given/);
  });

  it("give the bucket's keys to Loki alone, whose three replicas share it", async () => {
    const s3 = { bucket: "lines", accessKeySecret: "logsKey", secretKeySecret: "logsSecret" };
    const config = written("small", (cluster) => (cluster["logs"] = { s3 }));
    const secrets = { logsKey: CANARY, logsSecret: CANARY };
    const run = await build(parseCluster(config), { secrets });
    const { inputs } = run.named("dev-logs-store-s3", "kubernetes:core/v1:Secret");
    assert.deepEqual(secretIn(inputs["stringData"]), {
      AWS_ACCESS_KEY_ID: CANARY,
      AWS_SECRET_ACCESS_KEY: CANARY,
    });
    const clear = objects(run).map((asked) => JSON.stringify(inClear(asked.inputs)));
    assert.ok(!clear.some((text) => text.includes(CANARY)));
    const [, store] = workloads(run).find(([name]) => name === "dev-logs-store")!;
    assert.equal(store.spec.replicas, 3);
    assert.ok(run.named("dev-logs-store", "kubernetes:policy/v1:PodDisruptionBudget"));
    await assert.rejects(
      build(parseCluster(config)),
      /logs\.s3 names the secret logsKey, which is not given/,
    );
  });

  it("stand on any cluster that a provider reaches", async () => {
    const run = await record(() => {
      const provider = new kubernetes.Provider("any", { kubeconfig: "{}" });
      const { storage, monitoring, logs } = example("small");
      const { ready } = new Storage("s", { storage }, { provider });
      const namespace = new kubernetes.core.v1.Namespace("space", {}, { provider });
      new MetricsServer("m", {}, { provider });
      new Monitoring("p", { monitoring, namespace, scrapeTargets: [], after: ready }, { provider });
      new Logs("l", { logs, namespace, after: ready }, { provider });
    });
    assert.equal(workloads(run).length, 9);
    for (const { options } of objects(run)) assert.equal(options.deletedWith, "");
  });
});
