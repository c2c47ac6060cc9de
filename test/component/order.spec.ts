import assert from "node:assert/strict";
import type { Run } from "./support/engine";
import { build, example, exampleRun, smallWith } from "./support/stacks";

/** Steps on hosts that a step waits for; its own host's among them. */
function stepsBefore(run: Run, name: string): string[] {
  const steps = new Set(run.of("command:remote:Command").map((step) => step.name));
  return [...new Set(run.waitsFor(run.named(name)).filter((one) => steps.has(one)))].sort();
}

const all = (prefix: string, hosts: string[], step: string) =>
  hosts.map((host) => `${prefix}-${host}-${step}`);

describe("order of a cluster with external etcd", () => {
  const first = "dev-master-master-1-kubeadm";
  const base = [
    ...all("dev-etcd", ["etcd-1", "etcd-2", "etcd-3"], "health"),
    ...all("dev-lb", ["lb-1", "lb-2"], "install"),
  ];

  it("lets hosts of all roles prepare at once, after the copy of their script", async () => {
    const run = await exampleRun("small");
    for (const { name } of run.of("command:remote:Command")) {
      if (!name.endsWith("-prepare") && !/^dev-etcd-.*-install$/.test(name)) continue;
      assert.deepEqual(stepsBefore(run, name), [], name);
      assert.ok(run.waitsFor(run.named(name)).includes(name.replace(/(prepare|install)$/, "script")), name);
    }
  });

  it("judges members' health when all are started, as none can serve alone, one after the other", async () => {
    const run = await exampleRun("small");
    const hosts = ["etcd-1", "etcd-2", "etcd-3"];
    hosts.forEach((host, i) => {
      const before = hosts.slice(Math.max(0, i - 1), i).map((other) => `dev-etcd-${other}-health`);
      assert.deepEqual(
        stepsBefore(run, `dev-etcd-${host}-health`),
        [...all("dev-etcd", hosts, "install"), ...before].sort(),
      );
    });
  });

  it("begins the control plane when etcd and the load balancers stand", async () => {
    const run = await exampleRun("small");
    assert.deepEqual(stepsBefore(run, first), [...base, "dev-master-master-1-prepare"].sort());
  });

  it("lets the other masters join together after the first", async () => {
    const run = await exampleRun("small");
    for (const host of ["master-2", "master-3"]) {
      assert.deepEqual(
        stepsBefore(run, `dev-master-${host}-kubeadm`),
        [...base, `dev-master-${host}-prepare`, first].sort(),
      );
    }
  });

  it("lets workers join after the first master, without the others", async () => {
    const run = await exampleRun("small");
    for (const host of ["worker-1", "worker-2", "worker-3"]) {
      assert.deepEqual(
        stepsBefore(run, `dev-worker-${host}-join`),
        [first, `dev-worker-${host}-prepare`].sort(),
      );
    }
  });

  it("installs the network as soon as the API answers", async () => {
    const run = await exampleRun("small");
    const provider = run.of("pulumi:providers:kubernetes")[0];
    assert.ok(provider && run.waitsFor(provider).includes(first));
    assert.deepEqual(
      run.waitsFor(provider).filter((name) => /-(kubeadm|join|install)$/.test(name)),
      [first],
    );
  });

  it("checks the cluster last", async () => {
    const run = await exampleRun("small");
    const check = run.named("dev-master-master-1-check");
    const before = run.waitsFor(check);
    const joined = [
      ...all("dev-master", ["master-1", "master-2", "master-3"], "kubeadm"),
      ...all("dev-worker", ["worker-1", "worker-2", "worker-3"], "join"),
    ];
    for (const name of [...joined, "dev-network-calico"]) assert.ok(before.includes(name), name);
    for (const asked of run.all) assert.ok(!asked.dependencies.includes(check.urn), asked.name);
  });
});

describe("order of the services", () => {
  it("lets nothing of the samples but the autoscaler wait for metrics, which take long to come", async () => {
    const run = await smallWith("samples", { nginxHa: true, webApp: true });
    const waiting = run.all
      .filter(({ type, name }) => type.startsWith("kubernetes:") && name.startsWith("dev-sample-"))
      .filter(({ dependencies }) =>
        dependencies.some((urn) => urn.endsWith("APIService::dev-metrics-server")),
      )
      .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
    assert.deepEqual(waiting, ["HorizontalPodAutoscaler dev-sample-nginx-ha"]);
  });
});

describe("order of a cluster with stacked etcd", () => {
  it("lets masters join one after the other, as etcd's learners must", async () => {
    const run = await exampleRun("medium");
    const step = (n: number) => `medium-master-master-${n}-kubeadm`;
    const kubeadm = (name: string) => stepsBefore(run, name).filter((one) => one.endsWith("-kubeadm"));
    assert.deepEqual(kubeadm(step(1)), []);
    assert.deepEqual(kubeadm(step(2)), [step(1)]);
    assert.deepEqual(kubeadm(step(3)), [step(2)]);
  });
});

describe("order of many workers", () => {
  const joinsBefore = (run: Run, name: string) =>
    stepsBefore(run, name).filter((one) => one.endsWith("-join"));

  it("is as many lanes as may join at once, each worker behind one other at most", async () => {
    const { hosts, node, name } = example("large");
    const run = await exampleRun("large");
    assert.ok(node.joinConcurrency < hosts.workers.length, "the example has more workers than lanes");
    hosts.workers.forEach((host, i) => {
      const before = hosts.workers[i - node.joinConcurrency];
      assert.deepEqual(
        joinsBefore(run, `${name}-worker-${host.name}-join`),
        before ? [`${name}-worker-${before.name}-join`] : [],
      );
    });
  });

  it("closes the gap that a removed worker leaves in its lane", async () => {
    const cluster = example("large", (config) => {
      config.hosts = config.hosts.filter((host) => host["name"] !== "worker-01");
    });
    const run = await build(cluster);
    const last = cluster.hosts.workers.at(-1)?.name ?? "";
    const before = cluster.hosts.workers.at(-1 - cluster.node.joinConcurrency)?.name ?? "";
    assert.deepEqual(joinsBefore(run, `prod-worker-${last}-join`), [`prod-worker-${before}-join`]);
  });
});
