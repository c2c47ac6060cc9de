import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { artifactBase, artifactManifest } from "../spec/artifacts";
import type { ClusterSpec, Role } from "../spec/types";
import { metricsFiles } from "./metrics";
import { RoleScript } from "./roleScript";
import { shellFile } from "./script";

/** What a role adds to what every role has. */
export interface RoleArgs {
  role: Role;
  variables?: Record<string, string>;
  files?: Record<string, string>;
  /** Paths of the role's shell files, in their order. */
  shell: string[];
}

const COMMON = [
  "lib.sh",
  "preflight.sh",
  "artifacts.sh",
  "packages.sh",
  "firewall.sh",
  "metrics.sh",
  "wipe.sh",
].map((file) => join(__dirname, "scripts", file));

const MACHINE = { amd64: "x86_64", arm64: "aarch64" } as const;

/** The script of a role: what every host needs, and what this role adds. */
export function roleScript(
  name: string,
  cluster: ClusterSpec,
  args: RoleArgs,
  parent: pulumi.Resource,
): RoleScript {
  const manifest = artifactManifest(cluster);
  return new RoleScript(
    name,
    {
      role: args.role,
      variables: {
        MACHINE: MACHINE[cluster.architecture],
        ARTIFACT_BASE: artifactBase(cluster.artifacts),
        MANIFEST_SHA256: cluster.artifacts.manifestSha256 ?? "",
        ...args.variables,
      },
      files: {
        artifacts: manifest.binaries[args.role]
          .map(({ name, path, sha256, members }) => [name, path, sha256 ?? "-", ...members].join(" "))
          .join("\n"),
        images: manifest.images[args.role].join("\n"),
        ...metricsFiles(cluster, args.role),
        ...args.files,
      },
      shell: [...COMMON, ...args.shell].map(shellFile),
    },
    { parent },
  );
}
