import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import {
  initConfig,
  masterJoinConfig,
  workerJoinConfig,
  workerTokenConfig,
} from "../../../components/controlplane/kubeadm";
import { parseCluster } from "../../../components/spec/parse";
import type { ClusterSpec } from "../../../components/spec/types";
import { goodConfig, largeConfig, withHost, without } from "../spec/configs";
import { filledIn } from "../support/filled";
import { testFolder } from "../support/folder";
import { labTool } from "../support/tools";

const EXTERNAL = parseCluster(goodConfig());
const STACKED = parseCluster(without(["etcd-1", "etcd-2", "etcd-3"], goodConfig({ topology: "stacked" })));

interface Arguments {
  extraArgs: { name: string; value: string }[];
}

/** What the tests read of the documents. */
interface Document {
  apiVersion: string;
  kind: string;
  controlPlaneEndpoint: string;
  networking: object;
  etcd: { external?: object; local?: Arguments & { imageRepository: string; imageTag: string } };
  apiServer: Arguments & { certSANs: string[] };
  controllerManager: Arguments;
  scheduler: Arguments;
  nodeRegistration: {
    taints?: object[];
    kubeletExtraArgs: Arguments["extraArgs"];
    ignorePreflightErrors: string[];
  };
  discovery: object;
  mode: string;
}

function documents(text: string): Map<string, Document> {
  const all = parseAllDocuments(filledIn(text)).map((document) => document.toJS() as Document);
  return new Map(all.map((document) => [document.kind, document]));
}

function of(kind: string, cluster: ClusterSpec = EXTERNAL): Document {
  const document = documents(initConfig(cluster)).get(kind);
  assert.ok(document, kind);
  return document;
}

const args = ({ extraArgs }: Arguments) =>
  Object.fromEntries(extraArgs.map(({ name, value }) => [name, value]));
const clusterConfig = (cluster?: ClusterSpec) => of("ClusterConfiguration", cluster);

describe("kubeadm's configuration", () => {
  it("is of version v1beta4", () => {
    const all = [initConfig(EXTERNAL), masterJoinConfig(EXTERNAL), workerJoinConfig(EXTERNAL)];
    const ours = all
      .flatMap((text) => [...documents(text).values()])
      .filter(({ apiVersion }) => apiVersion.startsWith("kubeadm"));
    assert.deepEqual(
      ours.map(({ kind, apiVersion }) => `${apiVersion} ${kind}`),
      [
        "kubeadm.k8s.io/v1beta4 InitConfiguration",
        "kubeadm.k8s.io/v1beta4 ClusterConfiguration",
        "kubeadm.k8s.io/v1beta4 JoinConfiguration",
        "kubeadm.k8s.io/v1beta4 JoinConfiguration",
      ],
    );
  });

  it("has the VIP as the endpoint and the CIDRs of the config", () => {
    const { controlPlaneEndpoint, networking } = clusterConfig();
    assert.equal(controlPlaneEndpoint, "192.168.10.100:6443");
    assert.deepEqual(networking, {
      podSubnet: "10.244.0.0/16",
      serviceSubnet: "10.96.0.0/12",
      dnsDomain: "cluster.local",
    });
  });

  it("has VIP, DNS name, every master and the extra names in the API servers' certificates", () => {
    const extra = parseCluster(goodConfig({ controlPlane: { extraSans: ["api.internal.example.com"] } }));
    const masters = [1, 2, 3].flatMap((n) => [`192.168.10.10${n}`, `master-${n}`]);
    assert.deepEqual(clusterConfig(extra).apiServer.certSANs, [
      "192.168.10.100",
      "k8s-api.example.com",
      ...masters,
      "api.internal.example.com",
      "127.0.0.1",
      "localhost",
    ]);
  });

  for (const part of ["controllerManager", "scheduler"] as const) {
    it(`elects the leader of ${part} by 15 s, 10 s and 2 s`, () => {
      const given = args(clusterConfig()[part]);
      assert.equal(given["leader-elect"], "true");
      assert.equal(given["leader-elect-lease-duration"], "15s");
      assert.equal(given["leader-elect-renew-deadline"], "10s");
      assert.equal(given["leader-elect-retry-period"], "2s");
      assert.equal(given["bind-address"], "0.0.0.0");
    });
  }

  it("makes the API server audit, encrypt Secrets, hold pods to a standard and refuse the anonymous", () => {
    const given = args(clusterConfig().apiServer);
    assert.equal(given["audit-policy-file"], "/etc/kubernetes/ha/audit-policy.yaml");
    assert.equal(given["audit-log-path"], "/var/log/kubernetes/audit/audit.log");
    assert.equal(given["encryption-provider-config"], "/etc/kubernetes/ha/encryption.yaml");
    assert.equal(given["admission-control-config-file"], "/etc/kubernetes/ha/admission.yaml");
    assert.equal(given["authentication-config"], "/etc/kubernetes/ha/authentication.yaml");
    assert.equal(given["anonymous-auth"], undefined, "kube-apiserver refuses both");
    assert.equal(given["kubelet-certificate-authority"], "/etc/kubernetes/pki/ca.crt");
    assert.equal(given["tls-min-version"], "VersionTLS12");
  });

  it("takes limits and times from the profile", () => {
    for (const cluster of [EXTERNAL, parseCluster(largeConfig(50))]) {
      const { controlPlane, network } = cluster;
      const server = args(clusterConfig(cluster).apiServer);
      assert.equal(server["max-requests-inflight"], String(controlPlane.maxRequestsInflight));
      assert.equal(
        server["max-mutating-requests-inflight"],
        String(controlPlane.maxMutatingRequestsInflight),
      );
      assert.equal(server["default-unreachable-toleration-seconds"], String(controlPlane.podEvictionSeconds));
      const manager = args(clusterConfig(cluster).controllerManager);
      assert.equal(manager["node-monitor-grace-period"], `${controlPlane.nodeMonitorGraceSeconds}s`);
      assert.equal(manager["node-cidr-mask-size"], String(network.nodeCidrMaskSize));
      assert.equal(manager["pod-eviction-timeout"], undefined, "gone since Kubernetes 1.27");
    }
  });

  it("knows every member of external etcd and the client certificate for it", () => {
    assert.deepEqual(clusterConfig().etcd, {
      external: {
        endpoints: [1, 2, 3].map((n) => `https://192.168.10.20${n}:2379`),
        caFile: "/etc/kubernetes/pki/etcd/ca.crt",
        certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
        keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
      },
    });
  });

  it("runs stacked etcd at the version and with the tuning of external members", () => {
    const { local, external } = clusterConfig(STACKED).etcd;
    assert.ok(local && !external);
    assert.equal(`${local.imageRepository} ${local.imageTag}`, "gcr.io/etcd-development v3.6.14");
    assert.deepEqual(args(local), {
      "heartbeat-interval": "100",
      "election-timeout": "1000",
      "snapshot-count": "10000",
      "quota-backend-bytes": String(STACKED.etcd.quotaBytes),
      "listen-metrics-urls": "http://0.0.0.0:2381",
    });
  });

  it("keeps the taint of masters, and gives workers none", () => {
    assert.equal(
      of("InitConfiguration").nodeRegistration.taints,
      undefined,
      "kubeadm's own is the control-plane taint",
    );
    assert.equal(
      documents(masterJoinConfig(EXTERNAL)).get("JoinConfiguration")?.nodeRegistration.taints,
      undefined,
    );
    assert.deepEqual(
      documents(workerJoinConfig(EXTERNAL)).get("JoinConfiguration")?.nodeRegistration.taints,
      [],
    );
  });

  it("registers every node under its own name, address and labels", () => {
    for (const text of [initConfig(EXTERNAL), masterJoinConfig(EXTERNAL), workerJoinConfig(EXTERNAL)]) {
      const [first] = documents(text).values();
      const given = args({ extraArgs: first?.nodeRegistration.kubeletExtraArgs ?? [] });
      assert.equal(given["node-ip"], "192.168.10.101");
      assert.equal(given["node-labels"], "topology.kubernetes.io/zone=zone-a");
    }
  });

  it("hands on which of kubeadm's checks are not fatal", () => {
    const cluster = parseCluster(goodConfig({ ignorePreflightErrors: ["SystemVerification"] }));
    assert.deepEqual(of("InitConfiguration", cluster).nodeRegistration.ignorePreflightErrors, [
      "SystemVerification",
    ]);
    assert.deepEqual(of("InitConfiguration").nodeRegistration.ignorePreflightErrors, []);
  });

  it("makes kubelets use the systemd cgroup driver, certificates that the cluster's CA signs, and report every 10 s", () => {
    const kubelet = of("KubeletConfiguration") as unknown as Record<string, unknown>;
    const { cgroupDriver, serverTLSBootstrap, rotateCertificates, nodeStatusUpdateFrequency, readOnlyPort } =
      kubelet;
    assert.deepEqual(
      [cgroupDriver, serverTLSBootstrap, rotateCertificates, nodeStatusUpdateFrequency, readOnlyPort],
      ["systemd", true, true, "10s", 0],
    );
  });

  for (const proxyMode of ["iptables", "ipvs", "nftables"]) {
    it(`sets kube-proxy's mode ${proxyMode}`, () => {
      const cluster = parseCluster(goodConfig({ network: { proxyMode } }));
      assert.equal(of("KubeProxyConfiguration", cluster).mode, proxyMode);
    });
  }

  it("does not change for the masters when a worker comes", () => {
    const more = parseCluster(withHost("worker-1", { name: "worker-9" }));
    assert.equal(initConfig(more), initConfig(EXTERNAL));
  });

  describe("by kubeadm itself", () => {
    let kubeadm: string;
    before(function () {
      kubeadm = labTool(this, "kubernetes", "kubeadm");
    });
    const folder = testFolder();
    const validate = (text: string) => {
      const file = join(folder(), "kubeadm.yaml");
      const kubeconfig = join(folder(), "kubeconfig");
      writeFileSync(kubeconfig, "");
      writeFileSync(file, text.replace(/kubeConfigPath: .*/, `kubeConfigPath: ${kubeconfig}`));
      const { status, stdout, stderr } = spawnSync(kubeadm, ["config", "validate", "--config", file], {
        encoding: "utf8",
      });
      return { status, output: stdout + stderr };
    };

    const cases: Record<string, string> = {
      "init with external etcd": initConfig(EXTERNAL),
      "init with stacked etcd": initConfig(STACKED),
      "join of a master": masterJoinConfig(EXTERNAL),
      "join of a worker": workerJoinConfig(EXTERNAL),
      "token of a worker": workerTokenConfig(EXTERNAL),
    };
    for (const [title, text] of Object.entries(cases)) {
      it(`is taken: ${title}`, () => {
        const { status, output } = validate(filledIn(text));
        assert.equal(status, 0, output);
        // Three years for leaves are meant: pki/certificates.ts says why.
        const others = output.replace(/.*WARNING: certificateValidityPeriod: .*\n/, "");
        assert.doesNotMatch(others, /warning|deprecated|unknown field/i);
      });
    }

    it("would be refused with a field that does not exist", () => {
      const text = filledIn(initConfig(EXTERNAL)).replace("controlPlaneEndpoint", "controlPlaneEndpiont");
      assert.match(validate(text).output, /unknown field "controlPlaneEndpiont"/);
    });
  });
});
