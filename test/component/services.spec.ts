import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import { MetricsServer, Monitoring, Storage } from "../../components";
import { parseCluster } from "../../components/spec/parse";
import { artifactManifest } from "../../components/spec/artifacts";
import { CANARY, record, type Asked, type Run } from "./support/engine";
import { build, example, exampleRun, written } from "./support/stacks";
import { inClear, reveal, secretIn } from "./support/wire";

/** What runs the services. */
const COMPONENTS = ["Storage", "MetricsServer", "Monitoring"];

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

/** The program without one part of its config's services. */
async function without(section: string, value: unknown): Promise<Run> {
  return build(parseCluster(written("small", (cluster) => (cluster[section] = value))));
}

describe("services", () => {
  it("run by images that the hosts' manifest has, each with requests, a limit of memory and no rights", async () => {
    const images = artifactManifest(example("small")).images.worker;
    const all = workloads(await exampleRun("small"));
    assert.equal(all.length, 7);
    for (const [name, { spec }] of all) {
      for (const container of spec.template.spec.containers) {
        assert.ok(images.includes(container.image), `${name}: ${container.image}`);
        assert.ok(container.resources?.requests?.["cpu"] && container.resources.requests["memory"], name);
        assert.ok(container.resources.limits?.["memory"], name);
        const { runAsUser, ...security } = container.securityContext ?? {};
        assert.equal(runAsUser, name.endsWith("-grafana") ? 472 : 65534, name);
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
    });
  });

  it("look at the host's files with node-exporter only", async () => {
    const hostPaths = workloads(await exampleRun("small"))
      .filter(([, { spec }]) => spec.template.spec.volumes?.some(({ hostPath }) => hostPath))
      .map(([name]) => name);
    assert.deepEqual(hostPaths, ["dev-monitoring-node-exporter"]);
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
    assert.deepEqual(kinds(await without("monitoring", { metricsServer: false })), ["Storage", "Monitoring"]);
    const bare = await build(
      parseCluster(
        written("small", (cluster) => {
          cluster["storage"] = { localPath: { enabled: false } };
          cluster["monitoring"] = { enabled: false, metricsServer: false };
        }),
      ),
    );
    assert.deepEqual(objects(bare), []);
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

  it("stand on any cluster that a provider reaches", async () => {
    const run = await record(() => {
      const provider = new kubernetes.Provider("any", { kubeconfig: "{}" });
      const { storage, monitoring } = example("small");
      const { ready } = new Storage("s", { storage }, { provider });
      new MetricsServer("m", {}, { provider });
      new Monitoring("p", { monitoring, scrapeTargets: [], after: ready }, { provider });
    });
    assert.equal(workloads(run).length, 7);
    for (const { options } of objects(run)) assert.equal(options.deletedWith, "");
  });
});
