import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  artifactManifest,
  artifactUrl,
  CHECK_IMAGE,
  type ArtifactInputs,
} from "../../../components/spec/artifacts";
import checksums from "../../../components/spec/checksums.json";
import { KUBERNETES_VERSIONS, PINNED_VERSIONS, versionsFor } from "../../../components/spec/versions";
import { parseCluster } from "../../../components/spec/parse";
import { PROFILES } from "../../../components/spec/profiles";
import type { Versions } from "../../../components/spec/types";
import { goodConfig, STORAGE_OUTSIDE } from "./configs";

function inputs(more: Partial<ArtifactInputs> = {}, kubernetes = "1.36.4"): ArtifactInputs {
  return {
    versions: versionsOf(kubernetes),
    architecture: "amd64",
    topology: "external",
    artifacts: { kind: "upstream" },
    network: { cni: "calico" },
    storage: { localPath: { enabled: false, folder: "/var/lib/local-path" } },
    monitoring: {
      ...PROFILES.small.monitoring,
      maxNodes: 13,
      enabled: false,
      metricsServer: false,
      grafana: true,
      receivers: {},
    },
    logs: { ...PROFILES.small.logs, enabled: false, store: "loki" },
    samples: {
      webApp: false,
      distributedApp: false,
      nginxHa: false,
      nginxImage: "r.io/nginx:1",
      mysql: { enabled: false, engine: "mysql", image: "r.io/mysql:8", primary: "mysql-0" },
    },
    ...more,
  };
}

function versionsOf(kubernetes: string): Versions {
  const versions = versionsFor(kubernetes);
  ok(versions !== undefined);
  return versions;
}

/** Storage from outside, as it is parsed. */
function outside() {
  const { ceph, nfs } = parseCluster(goodConfig({ storage: STORAGE_OUTSIDE })).storage;
  ok(ceph !== undefined && nfs !== undefined);
  return { ceph, nfs };
}

const ROLES = ["etcd", "master", "worker", "loadbalancer"] as const;

describe("artifact manifest", () => {
  it("has the images of a service only where it runs, and only if it is on", () => {
    const names = (more: Partial<ArtifactInputs>, role: (typeof ROLES)[number]) => {
      const without = artifactManifest(inputs()).images[role];
      const images = artifactManifest(inputs(more)).images[role].filter((image) => !without.includes(image));
      return images.map((image) => image.replace(/.*\//, "").replace(/:.*/, ""));
    };
    const storage = { localPath: { enabled: true, folder: "/data" } };
    deepEqual(names({ storage }, "worker"), ["local-path-provisioner", "busybox"]);
    deepEqual(names({ storage }, "master"), []);
    const { ceph, nfs } = outside();
    deepEqual(names({ storage: { ...inputs().storage, ceph } }, "master"), []);
    deepEqual(names({ storage: { ...inputs().storage, ceph } }, "worker"), [
      "cephcsi",
      "csi-node-driver-registrar",
      "csi-provisioner",
      "csi-attacher",
      "csi-resizer",
      "csi-snapshotter",
    ]);
    const onAll = ["nfsplugin", "livenessprobe", "csi-node-driver-registrar"];
    deepEqual(names({ storage: { ...inputs().storage, nfs } }, "master"), onAll);
    deepEqual(names({ storage: { ...inputs().storage, nfs } }, "worker"), [
      ...onAll,
      "csi-provisioner",
      "csi-resizer",
    ]);
    const off = inputs().monitoring;
    deepEqual(names({ monitoring: { ...off, metricsServer: true } }, "worker"), ["metrics-server"]);
    const monitoring = { ...off, enabled: true };
    deepEqual(names({ monitoring }, "master"), ["node-exporter"]);
    deepEqual(names({ monitoring }, "worker"), [
      "node-exporter",
      "prometheus",
      "alertmanager",
      "kube-state-metrics",
      "grafana",
    ]);
    deepEqual(names({ samples: { ...inputs().samples, nginxHa: true } }, "worker"), ["nginx"]);
    const mysql = { ...inputs().samples.mysql, enabled: true };
    deepEqual(names({ samples: { ...inputs().samples, mysql } }, "worker"), ["mysql"]);
    for (const role of ["etcd", "loadbalancer"] as const) deepEqual(names({ storage, monitoring }, role), []);
  });

  it("gives each role only its own files", () => {
    const { binaries } = artifactManifest(inputs());
    const node = ["containerd 2.3.4", "runc 1.4.3", "cni-plugins 1.9.1", "kubeadm 1.36.4", "kubelet 1.36.4"];
    deepEqual(
      ROLES.map((role) => [role, ...binaries[role].map((b) => `${b.name} ${b.version}`)]),
      [
        ["etcd", "etcd 3.6.14"],
        ["master", ...node, "kubectl 1.36.4"],
        ["worker", ...node, "kubectl 1.36.4"],
        ["loadbalancer"],
      ],
    );
  });

  it("gives each role only its own images", () => {
    const { images } = artifactManifest(inputs());
    const node = [
      "registry.k8s.io/kube-proxy:v1.36.4",
      "registry.k8s.io/pause:3.10.2",
      "registry.k8s.io/coredns/coredns:v1.14.2",
      CHECK_IMAGE,
      "quay.io/tigera/operator:v1.40.15",
      "quay.io/calico/node:v3.31.7",
      "quay.io/calico/cni:v3.31.7",
      "quay.io/calico/typha:v3.31.7",
      "quay.io/calico/kube-controllers:v3.31.7",
      "quay.io/calico/apiserver:v3.31.7",
    ];
    deepEqual(images, {
      etcd: [],
      master: [
        "registry.k8s.io/kube-apiserver:v1.36.4",
        "registry.k8s.io/kube-controller-manager:v1.36.4",
        "registry.k8s.io/kube-scheduler:v1.36.4",
        ...node,
      ],
      worker: node,
      loadbalancer: [],
    });
  });

  it("adds etcd's image and tools to stacked masters", () => {
    const { binaries, images } = artifactManifest(inputs({ topology: "stacked" }));
    equal(binaries.master.at(-1)?.name, "etcd");
    equal(images.master.at(-1), "gcr.io/etcd-development/etcd:v3.6.14");
  });

  it("has one image for kube-router", () => {
    const { images } = artifactManifest(inputs({ network: { cni: "kube-router" } }));
    deepEqual(images.worker.slice(4), ["docker.io/cloudnativelabs/kube-router:v2.1.0"]);
  });

  it("writes every upstream path and member as the projects name them", () => {
    const files = new Map(
      ROLES.flatMap((role) => artifactManifest(inputs({ architecture: "arm64" })).binaries[role]).map((b) => [
        b.name,
        b,
      ]),
    );
    deepEqual(
      [...files.values()].map(({ path, kind, members }) => [path, kind, ...members]),
      [
        [
          "github.com/etcd-io/etcd/releases/download/v3.6.14/etcd-v3.6.14-linux-arm64.tar.gz",
          "tar.gz",
          "etcd-v3.6.14-linux-arm64/etcd",
          "etcd-v3.6.14-linux-arm64/etcdctl",
          "etcd-v3.6.14-linux-arm64/etcdutl",
        ],
        [
          "github.com/containerd/containerd/releases/download/v2.3.4/containerd-2.3.4-linux-arm64.tar.gz",
          "tar.gz",
          "bin/containerd",
          "bin/containerd-shim-runc-v2",
          "bin/ctr",
        ],
        ["github.com/opencontainers/runc/releases/download/v1.4.3/runc.arm64", "binary"],
        [
          "github.com/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-arm64-v1.9.1.tgz",
          "tar.gz",
          "./bandwidth",
          "./bridge",
          "./host-local",
          "./loopback",
          "./portmap",
          "./tuning",
        ],
        ["dl.k8s.io/release/v1.36.4/bin/linux/arm64/kubeadm", "binary"],
        ["dl.k8s.io/release/v1.36.4/bin/linux/arm64/kubelet", "binary"],
        ["dl.k8s.io/release/v1.36.4/bin/linux/arm64/kubectl", "binary"],
      ],
    );
  });

  for (const architecture of ["amd64", "arm64"] as const) {
    it(`pins every file of every version for ${architecture}`, () => {
      for (const version of PINNED_VERSIONS) {
        const { binaries } = artifactManifest(inputs({ architecture, topology: "stacked" }, version));
        for (const role of ROLES)
          for (const b of binaries[role]) match(b.sha256 ?? "", /^[0-9a-f]{64}$/, b.path);
      }
    });
  }

  it("takes the sum of the right file", () => {
    const { worker } = artifactManifest(inputs({}, "1.35.8")).binaries;
    equal(worker.find((b) => b.name === "kubelet")?.sha256, checksums.kubelet["1.35.8"].amd64);
  });

  it("leaves the sums of a bundle to its own manifest", () => {
    const artifacts = {
      kind: "bundle",
      baseUrl: "http://192.168.10.5",
      manifestSha256: "a".repeat(64),
    } as const;
    const { binaries } = artifactManifest(inputs({ artifacts }, "1.37.2"));
    ok(binaries.master.every((b) => !("sha256" in b)));
  });

  it("names every image by an exact tag", () => {
    for (const version of KUBERNETES_VERSIONS) {
      const artifacts = { kind: "bundle", baseUrl: "http://192.168.10.5" } as const;
      const { images } = artifactManifest(inputs({ topology: "stacked", artifacts }, version));
      for (const image of images.master) match(image, /^[a-z0-9.]+\/[-a-z0-9/]+:v?\d+\.\d+(\.\d+)?$/);
    }
  });
});

describe("artifact addresses", () => {
  const path = "dl.k8s.io/release/v1.36.4/bin/linux/amd64/kubelet";

  it("are upstream's own by default", () =>
    equal(artifactUrl({ kind: "upstream" }, { path }), `https://${path}`));

  it("have the same path below a mirror", () => {
    equal(
      artifactUrl({ kind: "mirror", baseUrl: "https://m.example.com/k8s" }, { path }),
      `https://m.example.com/k8s/${path}`,
    );
  });
});
