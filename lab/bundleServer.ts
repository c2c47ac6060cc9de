import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answersBeside, startBeside, untilItAnswers } from "./beside";
import { BUNDLE_SERVER, type Lab } from "./lab";

/** Serves the bundle on the lab's bridge, as a mirror would; started once, ends with the lab's namespace. */
export async function serveBundle(lab: Lab, bundle: string): Promise<void> {
  const note = join(lab.dir, "bundle-server");
  if ((await readFile(note, "utf8").catch(() => "")) === bundle && (await answers(lab))) return;
  await mkdir(lab.dir, { recursive: true });
  await stopServer(lab);
  const server = join(lab.root, "node_modules", ".bin", "http-server");
  const { address, port } = BUNDLE_SERVER;
  const pid = startBeside(lab, server, [bundle, "-a", address, "-p", String(port), "-s", "-c-1"]);
  await writeFile(`${note}.pid`, String(pid));
  await untilItAnswers(`the bundle server on ${address}:${port}`, () => answers(lab));
  await writeFile(note, bundle);
}

function answers(lab: Lab): Promise<boolean> {
  const url = `http://${BUNDLE_SERVER.address}:${BUNDLE_SERVER.port}/manifest.txt`;
  return answersBeside(lab, ["-fsSI", url]);
}

async function stopServer(lab: Lab): Promise<void> {
  const pid = Number(await readFile(join(lab.dir, "bundle-server.pid"), "utf8").catch(() => "0"));
  const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (pid > 1 && line.includes("http-server")) process.kill(pid);
}
