import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ChartError } from "../../components/charts";
import { Network, type NetworkArgs } from "../../components/network/network";
import type { Cni, ClusterSpec, ProfileName } from "../../components/spec/types";

/** A resource as the engine is told of it. */
type Registered = pulumi.runtime.MockResourceArgs;

let registered: Registered[] = [];

/** Mocks are the process's own: this file runs in a mocha process of its own. They can't prove parents, nor what a provider says. */
async function mock(preview: boolean): Promise<void> {
  registered = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        registered.push(args);
        return { id: `${args.name}-id`, state: args.inputs as Record<string, unknown> };
      },
      call: (args) => args.inputs as Record<string, unknown>,
    },
    "project",
    "stack",
    preview,
  );
}

function cluster(cni: Cni, profile: ProfileName = "small"): ClusterSpec {
  const spec: Pick<ClusterSpec, "name" | "profile" | "endpoint" | "network" | "versions"> = {
    name: "demo",
    profile,
    endpoint: { address: "192.168.10.100", dnsName: "k8s-api.example.com", port: 6443 },
    network: {
      cni,
      podCidr: "10.244.0.0/16",
      serviceCidr: "10.96.0.0/12",
      dnsDomain: "cluster.local",
      nodeCidrMaskSize: 24,
      proxyMode: "iptables",
      encapsulation: cni === "calico" ? "VXLANCrossSubnet" : "IPIPCrossSubnet",
      typha: 3,
    },
    versions: {
      kubernetes: "1.36.4",
      etcd: "3.6.14",
      containerd: "2.3.4",
      runc: "1.4.3",
      cniPlugins: "1.9.1",
      coredns: "1.14.2",
      pause: "3.10.2",
      calico: "3.31.7",
      kubeRouter: "2.1.0",
    },
  };
  // The network reads no more of it.
  return spec as ClusterSpec;
}

/** Makes a network and gives what was registered, by type and name, once all of it was. */
async function build(args: NetworkArgs): Promise<Map<string, Registered>> {
  const provider = new kubernetes.Provider("api", { kubeconfig: "{}" });
  const network = new Network("demo-network", args, { provider });
  await new Promise((resolve) => network.urn.apply(resolve));
  await pulumi.runtime.disconnect();
  return new Map(
    registered
      .filter(({ type }) => type.startsWith("kubernetes:"))
      .map((resource) => [`${resource.type} ${resource.name}`, resource]),
  );
}

interface DaemonSet {
  metadata: { annotations: Record<string, string> };
  spec: {
    updateStrategy: { rollingUpdate: { maxUnavailable: number | string } };
    template: {
      metadata: { annotations: Record<string, string> };
      spec: {
        hostNetwork: boolean;
        priorityClassName: string;
        tolerations: unknown[];
        containers: { image: string; imagePullPolicy: string; command: string[]; args: string[] }[];
      };
    };
  };
}

const DAEMON_SET = "kubernetes:apps/v1:DaemonSet demo-network-kube-router";
const CONFIG_MAP = "kubernetes:core/v1:ConfigMap demo-network-kube-router";

describe("Network with kube-router", () => {
  beforeEach(() => mock(false));

  it("is five typed objects of one name in kube-system", async () => {
    const resources = await build({ cluster: cluster("kube-router") });
    assert.deepEqual([...resources.keys()].sort(), [
      DAEMON_SET,
      CONFIG_MAP,
      "kubernetes:core/v1:ServiceAccount demo-network-kube-router",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole demo-network-kube-router",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding demo-network-kube-router",
    ]);
  });

  it("runs the pinned image from what the host has, on every node, before and above all other pods", async () => {
    const { spec } = (await build({ cluster: cluster("kube-router") })).get(DAEMON_SET)!.inputs as DaemonSet;
    const pod = spec.template.spec;
    const [container] = pod.containers;
    assert.equal(container?.image, "docker.io/cloudnativelabs/kube-router:v2.1.0");
    assert.equal(container.imagePullPolicy, "IfNotPresent");
    assert.deepEqual(container.command, ["sh", "/etc/kube-router/start.sh"]);
    assert.deepEqual(
      [pod.hostNetwork, pod.priorityClassName, pod.tolerations],
      [true, "system-node-critical", [{ operator: "Exists" }]],
    );
  });

  it("does not wait for a node that is down, and updates as many at a time as the profile says", async () => {
    const small = (await build({ cluster: cluster("kube-router") })).get(DAEMON_SET)!.inputs as DaemonSet;
    assert.equal(small.metadata.annotations["pulumi.com/skipAwait"], "true");
    assert.equal(small.spec.updateStrategy.rollingUpdate.maxUnavailable, 1);
    await mock(false);
    const large = (await build({ cluster: cluster("kube-router", "large") })).get(DAEMON_SET)
      ?.inputs as DaemonSet;
    assert.equal(large.spec.updateStrategy.rollingUpdate.maxUnavailable, "10%");
  });

  it("starts its pods again when their files change", async () => {
    const resources = await build({ cluster: cluster("kube-router") });
    const { data } = resources.get(CONFIG_MAP)!.inputs as { data: Record<string, string> };
    const { spec } = resources.get(DAEMON_SET)!.inputs as DaemonSet;
    assert.deepEqual(Object.keys(data).sort(), ["cni.conflist", "start.sh"]);
    assert.equal(
      spec.template.metadata.annotations["ha-kubernetes/files"],
      createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 16),
    );
  });

  it("may read what it watches and write nothing", async () => {
    const role = (await build({ cluster: cluster("kube-router") })).get(
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole demo-network-kube-router",
    )?.inputs as { rules: { verbs: string[] }[] };
    assert.deepEqual([...new Set(role.rules.flatMap(({ verbs }) => verbs))].sort(), ["get", "list", "watch"]);
  });
});

describe("Network with Calico", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "network-"));
    path = join(folder, "chart.tgz");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is the operator's namespace and one release of the verified chart", async () => {
    await mock(false);
    writeFileSync(path, "chart");
    const sha256 = createHash("sha256").update("chart").digest("hex");
    const resources = await build({ cluster: cluster("calico"), calicoChart: { path, sha256 } });
    assert.deepEqual([...resources.keys()].sort(), [
      "kubernetes:core/v1:Namespace demo-network-operator",
      "kubernetes:helm.sh/v3:Release demo-network-calico",
    ]);
    const release = resources.get("kubernetes:helm.sh/v3:Release demo-network-calico")?.inputs as {
      name: string;
      namespace: string;
      chart: string;
      description: string;
      skipAwait: boolean;
      values: { installation: { controlPlaneReplicas: number } };
    };
    const { values, ...rest } = release;
    assert.equal(values.installation.controlPlaneReplicas, 2);
    assert.deepEqual(
      [rest.name, rest.namespace, rest.chart, rest.description, rest.skipAwait],
      ["calico", "tigera-operator", path, `sha256:${sha256}`, true],
    );
  });

  it("refuses to go on in `up` without the chart, and with a changed one", async () => {
    await mock(false);
    const make = () => build({ cluster: cluster("calico"), calicoChart: { path, sha256: "0".repeat(64) } });
    await assert.rejects(make(), ChartError);
    writeFileSync(path, "changed");
    await assert.rejects(make(), /has sha256 .*, pinned is 0{64}/);
  });

  it("leaves Calico out of a preview that lacks the chart", async () => {
    await mock(true);
    assert.deepEqual([...(await build({ cluster: cluster("calico"), calicoChart: { path } })).keys()], []);
  });
});
