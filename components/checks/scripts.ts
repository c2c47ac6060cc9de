import { join } from "node:path";
import { shellFile } from "../host/script";

/** Shell files of the checks in their order, for the script of a role: they add phase `check`. */
export const CHECK_SCRIPTS: readonly string[] = [
  "cluster.sh",
  "hosts.sh",
  "workload.sh",
  "network.sh",
  "checks.sh",
].map((file) => join(__dirname, "scripts", file));

/** The checks as one file that runs by itself: `bash FILE [--fast] KUBECONFIG [name=value ...]`. */
export function standaloneChecks(): string {
  return CHECK_SCRIPTS.map(shellFile).join("\n");
}
