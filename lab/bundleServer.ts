import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BUNDLE_SERVER, type Lab } from "./lab";
import { run } from "./run";

/** Serves the bundle on the lab's bridge, as a mirror would; started once, ends with the lab's namespace. */
export async function serveBundle(lab: Lab, bundle: string): Promise<void> {
  const note = join(lab.dir, "bundle-server");
  if ((await readFile(note, "utf8").catch(() => "")) === bundle && (await answers(lab))) return;
  await mkdir(lab.dir, { recursive: true });
  await stopServer(lab);
  const server = join(lab.root, "node_modules", ".bin", "http-server");
  const child = spawn(
    "nsenter",
    [
      `--net=/run/netns/${lab.netns}`,
      server,
      bundle,
      "-a",
      BUNDLE_SERVER.address,
      "-p",
      String(BUNDLE_SERVER.port),
      "-s",
      "-c-1",
    ],
    { detached: true, stdio: "ignore" },
  );
  child.unref();
  await writeFile(`${note}.pid`, String(child.pid));
  for (let i = 0; !(await answers(lab)); i++) {
    if (i > 50)
      throw new Error(`the bundle server does not answer on ${BUNDLE_SERVER.address}:${BUNDLE_SERVER.port}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await writeFile(note, bundle);
}

async function answers(lab: Lab): Promise<boolean> {
  const url = `http://${BUNDLE_SERVER.address}:${BUNDLE_SERVER.port}/manifest.txt`;
  return run("nsenter", [`--net=/run/netns/${lab.netns}`, "curl", "-fsSI", "--max-time", "2", url]).then(
    () => true,
    () => false,
  );
}

async function stopServer(lab: Lab): Promise<void> {
  const pid = Number(await readFile(join(lab.dir, "bundle-server.pid"), "utf8").catch(() => "0"));
  const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (pid > 1 && line.includes("http-server")) process.kill(pid);
}
