/**
 * Puts the provider plugins into a PULUMI_HOME: the official one where it is or can be had, else our stand-in.
 *
 *   install.ts PULUMI_HOME CACHE
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { buildStandIn, MARK, pluginId, pluginIds, type PluginId } from "./build";

/** What was put where. */
export interface Installed extends PluginId<string> {
  kind: "official" | "stand-in" | "built";
  /** One sentence for the people who run the lab. */
  note: string;
}

const DOWNLOADS = "https://get.pulumi.com/releases/plugins";
const PROBE_SECONDS = 5;
const INSTALL_MS = 180_000;

/**
 * Installs all plugins and says which kind each is.
 *
 * `kubernetes` builds the official provider of Kubernetes from its module and gives the folder; only asked where it can't
 * be downloaded. Default: that plugin is left alone.
 */
export async function install(
  pulumiHome: string,
  cache: string,
  kubernetes?: () => Promise<string>,
): Promise<Installed[]> {
  const plugins = join(pulumiHome, "plugins");
  await mkdir(plugins, { recursive: true });
  let downloads: boolean | undefined;
  const place = async (id: PluginId<string>, make: () => Promise<Installed>): Promise<Installed> => {
    const present = await takePresent(id, plugins);
    if (present !== undefined) return present;
    downloads ??= canDownload(id);
    if (downloads && (await download(id, pulumiHome, plugins)))
      return { ...id, kind: "official", note: "downloaded" };
    return make();
  };
  const installed: Installed[] = [];
  for (const id of pluginIds()) installed.push(await place(id, () => useStandIn(id, plugins, cache)));
  if (kubernetes) {
    const id = pluginId("kubernetes");
    installed.push(
      await place(id, async () => {
        await replace(await kubernetes(), join(plugins, folderName(id)));
        return { ...id, kind: "built", note: "the official one, from its Go module" };
      }),
    );
  }
  return installed;
}

/** The folder's name as the CLI looks for it. */
export function folderName({ name, version }: PluginId<string>): string {
  return `resource-${name}-v${version}`;
}

async function takePresent(id: PluginId<string>, plugins: string): Promise<Installed | undefined> {
  const target = join(plugins, folderName(id));
  if (isOfficial(target)) return { ...id, kind: "official", note: "was there" };
  const own = join(homedir(), ".pulumi", "plugins", folderName(id));
  if (!isOfficial(own)) return undefined;
  // The CLI does not follow links here.
  await replace(own, target);
  return { ...id, kind: "official", note: `copied from ${own}` };
}

function isOfficial(folder: string): boolean {
  return existsSync(folder) && !existsSync(join(folder, MARK)) && !existsSync(`${folder}.partial`);
}

function canDownload({ name, version }: PluginId<string>): boolean {
  const machine = { x64: "amd64", arm64: "arm64" }[process.arch as string] ?? process.arch;
  const file = `pulumi-resource-${name}-v${version}-${process.platform}-${machine}.tar.gz`;
  const probe = [
    "-fsSI",
    "-o",
    "/dev/null",
    "--connect-timeout",
    `${PROBE_SECONDS}`,
    "--max-time",
    `${2 * PROBE_SECONDS}`,
  ];
  return spawnSync("curl", [...probe, `${DOWNLOADS}/${file}`], { stdio: "ignore" }).status === 0;
}

async function download(id: PluginId<string>, pulumiHome: string, plugins: string): Promise<boolean> {
  const target = join(plugins, folderName(id));
  // The CLI takes a stand-in for the plugin itself and would not download.
  await rm(target, { recursive: true, force: true });
  const { status } = spawnSync("pulumi", ["plugin", "install", "resource", id.name, id.version], {
    env: { ...process.env, PULUMI_HOME: pulumiHome, PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdio: ["ignore", "ignore", "inherit"],
    timeout: INSTALL_MS,
  });
  return status === 0 && isOfficial(target);
}

async function useStandIn(id: PluginId, plugins: string, cache: string): Promise<Installed> {
  await replace(await buildStandIn(id, cache), join(plugins, folderName(id)));
  return { ...id, kind: "stand-in", note: "the official one is neither here nor downloadable" };
}

async function replace(source: string, target: string): Promise<void> {
  const unfinished = `${target}.${process.pid}`;
  await cp(source, unfinished, { recursive: true });
  await rm(target, { recursive: true, force: true });
  await rename(unfinished, target);
}

/** Says which plugin is which, one line each. */
export function report(installed: readonly Installed[]): string {
  return installed
    .map(({ name, version, kind, note }) => `plugin ${name} ${version}: ${kind} (${note})`)
    .join("\n");
}

if (require.main === module) {
  const [pulumiHome, cache] = process.argv.slice(2);
  if (pulumiHome === undefined || cache === undefined) {
    console.error("usage: install.ts PULUMI_HOME CACHE");
    process.exit(2);
  }
  install(pulumiHome, cache).then(
    (installed) => console.log(report(installed)),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}
