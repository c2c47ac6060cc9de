export * from "./types";
export type { NodePort, PodPort, ScrapeTarget } from "./scrapeTarget";
export { builtWith, type BuiltWith } from "./builtWith";
export { parseCluster, type ParseOptions } from "./parse";
export { secretNames } from "./secretNames";
export { ConfigError, formatProblems } from "./problems";
export { PROFILES, PROFILE_NAMES, type Profile, type Range } from "./profiles";
export {
  DEFAULT_KUBERNETES_VERSION,
  KUBERNETES_VERSIONS,
  tigeraOperatorVersion,
  versionsFor,
} from "./versions";
export {
  artifactBase,
  artifactManifest,
  artifactUrl,
  ETCD_IMAGE_REPOSITORY,
  etcdImage,
  type ArtifactManifest,
  type BinaryArtifact,
} from "./artifacts";
export { quorum, survives, tolerated } from "./quorum";
export { configDocument, configTable, profileTable, versionTable } from "./docs";
export { databaseClass } from "./storageClasses";
