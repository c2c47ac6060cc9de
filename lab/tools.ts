import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "./lab";
import { install as installPlugins } from "./plugins/install";
import type { Progress } from "./progress";
import { run } from "./run";
import type { Shape } from "./shape";

/** Everything that the lab runs on the machine itself. */
export interface Tools {
  /** Folder of the Pulumi CLI and its Node language host. */
  pulumi: string;
  /** Folder that the hosts install from. */
  bundle: string;
  /** The kubectl that goes with the cluster. */
  kubectl: string;
  /** The object store, where there are backups. */
  objectStore?: string;
}

/** Debian packages that a bare machine lacks, by a shell command that tells whether they are there. */
const PACKAGES: Record<string, string> = {
  "command -v mmdebstrap": "mmdebstrap",
  "command -v systemd-nspawn": "systemd-container",
  "command -v jq": "jq",
  "command -v curl": "curl",
  "command -v ip": "iproute2",
  "command -v gcc && echo '#include <stdio.h>' | gcc -E -": "gcc libc6-dev",
  "pkg-config --exists libseccomp": "pkg-config libseccomp-dev",
  "command -v zstd": "zstd",
  "command -v ssh": "openssh-client",
  "command -v openssl": "openssl",
};

/** Gets what is missing; a second time nothing is. */
export async function getTools(lab: Lab, { without = [] }: Shape, progress: Progress): Promise<Tools> {
  await installPackages(progress);
  const onLine = (line: string) => progress.say(line);
  const script = (path: string, ...args: string[]) =>
    run("bash", [join(lab.root, "lab", path), ...args], { onLine });
  const pulumi = await progress.stage("Pulumi CLI and language host", () => script("tools/pulumi.sh"));
  process.env.PATH = `${pulumi}:${process.env.PATH ?? ""}`;
  await progress.stage("provider plugins", () =>
    plugins(lab, () => script("tools/build.sh", "pulumi-resource-kubernetes"), progress),
  );
  const bundle = await progress.stage("bundle of binaries and images", () =>
    script("bundle/build.sh", ...without.flatMap((part) => ["--without", part])),
  );
  const kubernetes = await script("tools/build.sh", "kubernetes");
  const kubectl = join(kubernetes, "kubectl");
  if (without.includes("backup")) return { pulumi, bundle, kubectl };
  const objectStore = join(await script("tools/build.sh", "versitygw"), "versitygw");
  return { pulumi, bundle, kubectl, objectStore };
}

async function installPackages(progress: Progress): Promise<void> {
  const missing: string[] = [];
  for (const [probe, packages] of Object.entries(PACKAGES)) {
    await run("bash", ["-c", probe]).catch(() => missing.push(...packages.split(" ")));
  }
  if (missing.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await progress.stage(`Debian packages: ${missing.join(" ")}`, async () => {
    await run("apt-get", ["update", "-qq"], { env });
    await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], { env });
  });
}

async function plugins(lab: Lab, kubernetes: () => Promise<string>, progress: Progress): Promise<void> {
  const home = join(lab.dir, "pulumi");
  await mkdir(home, { recursive: true });
  for (const plugin of await installPlugins(home, lab.cache, kubernetes)) {
    progress.say(`plugin ${plugin.name} ${plugin.version}: ${plugin.kind} (${plugin.note})`);
  }
}
