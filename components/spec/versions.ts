import checksums from "./checksums.json";
import type { ArtifactSource, Versions } from "./types";
import type { Finding } from "./problems";

/** Installed when the config names no version: the newest with upstream sums in checksums.json. */
export const DEFAULT_KUBERNETES_VERSION = "1.36.4";

/**
 * Versions without sums in checksums.json, installable from a bundle only, which brings its own.
 *
 * 1.37.2 is the upgrade target that the lab proves.
 */
export const BUNDLE_ONLY_VERSIONS: readonly string[] = ["1.37.2"];

/** Versions with upstream sums, newest first. */
export const PINNED_VERSIONS: readonly string[] = Object.keys(checksums.kubeadm).sort(byVersion).reverse();

/** Every Kubernetes version that can be installed, newest first. */
export const KUBERNETES_VERSIONS: readonly string[] = [...BUNDLE_ONLY_VERSIONS, ...PINNED_VERSIONS];

/** What does not change with the minor version of Kubernetes. */
const COMMON = {
  // kubeadm takes any etcd from 3.5.24 on (constants.go, MinExternalEtcdVersion); the same for both topologies.
  etcd: "3.6.14",
  containerd: "2.3.4",
  runc: "1.4.3",
  cniPlugins: "1.9.1",
  calico: "3.31.7",
  kubeRouter: "2.1.0",
} as const;

/** kubeadm's own constants by minor version (cmd/kubeadm/app/constants/constants.go: CoreDNSVersion, PauseVersion). */
const BY_MINOR: Partial<Record<string, Pick<Versions, "coredns" | "pause">>> = {
  "1.35": { coredns: "1.13.1", pause: "3.10.1" },
  "1.36": { coredns: "1.14.2", pause: "3.10.2" },
  "1.37": { coredns: "1.14.6", pause: "3.10.2" },
};

/** The operator that each Calico release is installed by (calico's manifests/tigera-operator.yaml at that tag). */
const TIGERA_OPERATOR: Partial<Record<string, string>> = { "3.31.7": "1.40.15" };

/** Exact versions of everything that goes with one Kubernetes version; undefined if that is not supported. */
export function versionsFor(kubernetes: string): Versions | undefined {
  const byMinor = BY_MINOR[minorOf(kubernetes)];
  if (byMinor === undefined || !KUBERNETES_VERSIONS.includes(kubernetes)) return undefined;
  return { kubernetes, ...COMMON, ...byMinor };
}

/** Version of the Tigera operator that installs a Calico version. */
export function tigeraOperatorVersion(calico: string): string {
  const version = TIGERA_OPERATOR[calico];
  if (version === undefined) throw new Error(`versions.ts knows no Tigera operator for Calico ${calico}`);
  return version;
}

/** What is wrong with a Kubernetes version for a source of artifacts, or undefined. */
export function checkKubernetesVersion(version: string, source: ArtifactSource["kind"]): Finding | undefined {
  if (version.startsWith("v")) {
    return { message: 'begins with "v"', cure: `write "${version.slice(1)}"` };
  }
  if (PINNED_VERSIONS.includes(version)) return undefined;
  if (BUNDLE_ONLY_VERSIONS.includes(version)) {
    return source === "bundle"
      ? undefined
      : {
          message: "has no upstream checksums here, so it can only be installed from a bundle",
          cure: `make a bundle and set artifacts.source to bundle, or choose ${DEFAULT_KUBERNETES_VERSION}`,
        };
  }
  const near = KUBERNETES_VERSIONS.find((v) => minorOf(v) === minorOf(version)) ?? DEFAULT_KUBERNETES_VERSION;
  return {
    message: `is not a supported version (${ranges()})`,
    cure: `write "${near}"`,
  };
}

/** "1.36" of "1.36.4". */
export function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/** Supported versions as a person says them: "1.37.2 (bundle only), 1.36.0-1.36.4, ...". */
function ranges(): string {
  const minors = [...new Set(PINNED_VERSIONS.map(minorOf))];
  const pinned = minors.map((minor) => {
    const patches = PINNED_VERSIONS.filter((v) => minorOf(v) === minor);
    return `${patches.at(-1) ?? minor} to ${patches[0] ?? minor}`;
  });
  return [...BUNDLE_ONLY_VERSIONS.map((v) => `${v} from a bundle`), ...pinned].join(", ");
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
