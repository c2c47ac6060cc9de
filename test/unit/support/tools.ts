import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { need, pend } from "./programs";

/** The newest build of a tool of the lab (lab/tools/build.sh), if this machine has one; else the test is pending. */
export function labTool(context: Mocha.Context, tool: string, program: string): string {
  const cache = join(
    process.env["HA_KUBERNETES_CACHE"] ?? join(homedir(), ".cache", "ha-kubernetes"),
    "tools",
  );
  const built = names(cache).filter((name) => name.startsWith(`${tool}-`) && /-[0-9a-f]{12}$/.test(name));
  const path = built.map((name) => join(cache, name, program)).at(-1);
  if (path === undefined)
    pend(context, `this machine has no ${program}; lab/tools/build.sh ${tool} builds it`);
  need(context, path);
  return path;
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
