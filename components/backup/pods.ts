import type { types } from "@pulumi/kubernetes";
import { PATIENCE } from "../objects/pods";
import { BACKUP_NAMESPACE, METRICS } from "./names";

/** The folders to which Velero writes, on a root filesystem to which nobody does; `HOME` is where copies are cached. */
export const WRITABLE: { env: types.input.core.v1.EnvVar[]; mounts: types.input.core.v1.VolumeMount[] } = {
  env: [
    { name: "VELERO_NAMESPACE", value: BACKUP_NAMESPACE },
    { name: "VELERO_SCRATCH_DIR", value: "/scratch" },
    { name: "HOME", value: "/scratch" },
  ],
  mounts: [
    { name: "scratch", mountPath: "/scratch" },
    // Credentials of the store, logs and tarballs on their way.
    { name: "tmp", mountPath: "/tmp" },
  ],
};

/** What lies behind these folders. */
export const WRITABLE_VOLUMES: types.input.core.v1.Volume[] = [
  { name: "scratch", emptyDir: {} },
  { name: "tmp", emptyDir: {} },
];

/** Probes of what serves nothing but metrics, and ends by itself when it can't go on. */
export const PROBES: Pick<
  types.input.core.v1.Container,
  "ports" | "startupProbe" | "readinessProbe" | "livenessProbe"
> = (() => {
  const probe = { httpGet: { path: "/metrics", port: METRICS.name }, periodSeconds: 10, timeoutSeconds: 5 };
  return {
    ports: [METRICS],
    // Plugins and the API's kinds are asked for first.
    startupProbe: { ...probe, periodSeconds: 2, failureThreshold: 60 },
    readinessProbe: probe,
    livenessProbe: { ...probe, ...PATIENCE },
  };
})();

/**
 * What a pod may take that copies volumes or tidies up what was copied. Upstream sets nothing; each case of Kopia in its
 * performance guide, up to 900 GB and two million files, was done in 2 GiB.
 *
 * @see https://velero.io/docs/v1.18/performance-guidance/
 */
export const COPIER_RESOURCES = {
  cpuRequest: "100m",
  memoryRequest: "256Mi",
  // No limit, in Velero's words.
  cpuLimit: "0",
  memoryLimit: "2Gi",
};
