/** Builds the stand-ins: one file per plugin, because it starts in a fifth of the time that loading sources takes. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";

/** The plugins that have a stand-in. */
export const NAMES = ["command", "tls", "random"] as const;

/** A plugin's name and the version of its npm package. */
export interface PluginId<Name extends string = (typeof NAMES)[number]> {
  name: Name;
  version: string;
}

/** The file by which a folder is known to hold a stand-in. */
export const MARK = "STAND-IN";

/** The engine may be killed before node is up, so its id is noted here. */
const LAUNCHER = `#!/bin/bash
STAND_IN_PARENT=$PPID exec node "\${BASH_SOURCE[0]%/*}/plugin.cjs" "$@"
`;

const HERE = __dirname;
const ROOT = join(HERE, "..", "..");

/** The plugins at the versions of the installed npm packages. */
export function pluginIds(): PluginId[] {
  return NAMES.map(pluginId);
}

/** A plugin at the version of the installed npm package. */
export function pluginId<Name extends string>(name: Name): PluginId<Name> {
  const manifest = JSON.parse(readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8")) as {
    version: string;
  };
  return { name, version: manifest.version };
}

/** Builds a stand-in into the cache, if this very one is not there yet, and says where it lies. */
export async function buildStandIn({ name, version }: PluginId, cache: string): Promise<string> {
  const folder = join(cache, "plugins", `${name}-${version}-${fingerprint()}`);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const unfinished = await mkdtemp(`${folder}.`);
  try {
    await build({
      entryPoints: [join(HERE, name, "main.ts")],
      outfile: join(unfinished, "plugin.cjs"),
      absWorkingDir: ROOT,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      // ssh2 does without its native parts.
      external: ["*.node", "cpu-features"],
      logLevel: "error",
    });
    const launcher = join(unfinished, `pulumi-resource-${name}`);
    await writeFile(launcher, LAUNCHER);
    await chmod(launcher, 0o755);
    await writeFile(
      join(unfinished, MARK),
      `the lab's stand-in for pulumi-${name} ${version}, not the official plugin\n`,
    );
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another build may have been faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** What a built stand-in depends on: its sources and the packages' versions. */
function fingerprint(): string {
  const hash = createHash("sha256");
  const sources = readdirSync(HERE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of [...sources, join(ROOT, "package-lock.json")]) {
    hash.update(`${basename(file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}
