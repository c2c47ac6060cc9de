import checksums from "./checksums.json";
import { serviceImages, type ServiceInputs } from "./services";
import type { Architecture, ArtifactSource, ClusterSpec, Role, Versions } from "./types";
import { tigeraOperatorVersion } from "./versions";

/** Names of the binaries that are installed. */
export type BinaryName = "kubeadm" | "kubelet" | "kubectl" | "etcd" | "containerd" | "runc" | "cni-plugins";

/** One file to fetch. */
export interface BinaryArtifact {
  readonly name: BinaryName;
  readonly version: string;
  /** Upstream's address without "https://"; mirrors and bundles hold the file under the same path. */
  readonly path: string;
  /** sha256 in hex; absent for a bundle, whose manifest.txt (lines SHA256 PATH [IMAGE...], pinned by `manifestSha256`) says it. */
  readonly sha256?: string;
  /** `binary`: the file is the program; `tar.gz`: an archive with the members. */
  readonly kind: "binary" | "tar.gz";
  /** Files to take from the archive, by their paths in it; empty for a binary. */
  readonly members: readonly string[];
}

/** Everything the hosts of one cluster fetch: nothing is installed or run that is not in here. */
export interface ArtifactManifest {
  /** Files by role; load balancers take distribution packages only. */
  readonly binaries: Readonly<Record<Role, readonly BinaryArtifact[]>>;
  /** Images by role, as exact references with a tag. */
  readonly images: Readonly<Record<Role, readonly string[]>>;
}

/** What of a cluster decides its artifacts. */
export type ArtifactInputs = Pick<ClusterSpec, "versions" | "architecture" | "artifacts" | "topology"> &
  ServiceInputs & { readonly network: Pick<ClusterSpec["network"], "cni"> };

/** Plugins that Calico, kube-router and the kubelet call; the archive's other ones stay out. */
const CNI_PLUGINS = ["bandwidth", "bridge", "host-local", "loopback", "portmap", "tuning"];

const SUMS: Record<BinaryName, Partial<Record<string, Record<Architecture, string>>>> = checksums;

/** Upstream's own test image, in which the checks of a finished cluster run (test/images/agnhost/VERSION of Kubernetes 1.36). */
export const CHECK_IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.63.0";

/** The whole manifest of one cluster. */
export function artifactManifest(inputs: ArtifactInputs): ArtifactManifest {
  const { versions: v, architecture: arch, artifacts: source, topology } = inputs;
  const pick = (...names: BinaryName[]) => names.map((name) => binary(name, v, arch, source));
  // A worker asks the API with kubectl, as its own node, whether it is Ready.
  const node = pick("containerd", "runc", "cni-plugins", "kubeadm", "kubelet", "kubectl");
  // Stacked members run as kubeadm's pods, but backup and restore need etcdctl and etcdutl on the master.
  const stacked = topology === "stacked";
  const services = serviceImages(inputs);
  const nodeImages = [
    `registry.k8s.io/kube-proxy:v${v.kubernetes}`,
    `registry.k8s.io/pause:${v.pause}`,
    `registry.k8s.io/coredns/coredns:v${v.coredns}`,
    CHECK_IMAGE,
    ...cniImages(inputs.network.cni, v),
    ...services.node,
  ];
  const controlPlane = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];
  return {
    binaries: {
      etcd: pick("etcd"),
      master: [...node, ...(stacked ? pick("etcd") : [])],
      worker: node,
      loadbalancer: [],
    },
    images: {
      etcd: [],
      master: [
        ...controlPlane.map((name) => `registry.k8s.io/${name}:v${v.kubernetes}`),
        ...nodeImages,
        ...(stacked ? [etcdImage(v)] : []),
      ],
      worker: [...nodeImages, ...services.worker],
      loadbalancer: [],
    },
  };
}

/** Where hosts fetch one file. */
export function artifactUrl(source: ArtifactSource, artifact: Pick<BinaryArtifact, "path">): string {
  return `${artifactBase(source)}/${artifact.path}`;
}

/** What stands before "/" and the path of every file: upstream's paths begin with their own host. */
export function artifactBase(source: ArtifactSource): string {
  if (source.kind === "upstream") return "https:/";
  if (source.baseUrl === undefined) throw new Error(`artifact source ${source.kind} without baseUrl`);
  return source.baseUrl;
}

/**
 * The image of a stacked etcd member: etcd's own, at the version that external members run.
 *
 * kubeadm's default tags lag behind and change with its minor version (3.7.0 with 1.37), so the config names
 * this one (`etcd.local.imageRepository` and `imageTag`); registry.k8s.io copies its images from here (k8s.io#8530).
 */
export function etcdImage(versions: Pick<Versions, "etcd">): string {
  return `${ETCD_IMAGE_REPOSITORY}/etcd:v${versions.etcd}`;
}

/** Repository of etcd's own images, without the image's name. */
export const ETCD_IMAGE_REPOSITORY = "gcr.io/etcd-development";

/** Images of the pod network: what the chart runs with goldmane, whisker, flexVolumePath and the CSI driver off. */
function cniImages(cni: ClusterSpec["network"]["cni"], v: Versions): string[] {
  switch (cni) {
    case "kube-router":
      return [`docker.io/cloudnativelabs/kube-router:v${v.kubeRouter}`];
    case "calico":
      return [
        `quay.io/tigera/operator:v${tigeraOperatorVersion(v.calico)}`,
        ...["node", "cni", "typha", "kube-controllers", "apiserver"].map(
          (n) => `quay.io/calico/${n}:v${v.calico}`,
        ),
      ];
  }
}

function binary(name: BinaryName, v: Versions, arch: Architecture, source: ArtifactSource): BinaryArtifact {
  const version = versionOf(name, v);
  const shape = { name, version, ...place(name, version, arch) };
  if (source.kind === "bundle") return shape;
  const sha256 = SUMS[name][version]?.[arch];
  if (sha256 === undefined) throw new Error(`checksums.json has no sum of ${name} ${version} for ${arch}`);
  return { ...shape, sha256 };
}

function versionOf(name: BinaryName, v: Versions): string {
  switch (name) {
    case "kubeadm":
    case "kubelet":
    case "kubectl":
      return v.kubernetes;
    case "cni-plugins":
      return v.cniPlugins;
    default:
      return v[name];
  }
}

function place(
  name: BinaryName,
  v: string,
  arch: Architecture,
): Pick<BinaryArtifact, "path" | "kind" | "members"> {
  const github = (project: string, file: string) => `github.com/${project}/releases/download/v${v}/${file}`;
  switch (name) {
    case "kubeadm":
    case "kubelet":
    case "kubectl":
      return { path: `dl.k8s.io/release/v${v}/bin/linux/${arch}/${name}`, kind: "binary", members: [] };
    case "runc":
      return { path: github("opencontainers/runc", `runc.${arch}`), kind: "binary", members: [] };
    case "etcd": {
      const folder = `etcd-v${v}-linux-${arch}`;
      return {
        path: github("etcd-io/etcd", `${folder}.tar.gz`),
        kind: "tar.gz",
        members: ["etcd", "etcdctl", "etcdutl"].map((program) => `${folder}/${program}`),
      };
    }
    case "containerd":
      return {
        path: github("containerd/containerd", `containerd-${v}-linux-${arch}.tar.gz`),
        kind: "tar.gz",
        members: ["containerd", "containerd-shim-runc-v2", "ctr"].map((program) => `bin/${program}`),
      };
    case "cni-plugins":
      return {
        path: github("containernetworking/plugins", `cni-plugins-linux-${arch}-v${v}.tgz`),
        kind: "tar.gz",
        members: CNI_PLUGINS.map((plugin) => `./${plugin}`),
      };
  }
}
