import { createHash } from "node:crypto";

/** Short hash of a pod's files, for an annotation: a ConfigMap that changes restarts no pod by itself. */
export function fingerprint(files: unknown): string {
  return createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16);
}
