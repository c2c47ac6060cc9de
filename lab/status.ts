import { join } from "node:path";
import { memory, running } from "./hosts/hosts";
import type { Lab } from "./lab";
import { run } from "./run";
import { hostsOf } from "./shape";
import { readState } from "./up";

/** Prints the hosts with their memory, and the nodes as the API sees them. */
export async function status(lab: Lab): Promise<void> {
  const state = await readState(lab);
  if (!state) throw new Error("there is no lab in this checkout yet. Next: npm run lab");
  const [up, used] = await Promise.all([running(lab), memory(lab)]);
  const names = new Set(up.map((host) => host.name));
  for (const host of hostsOf(state.shape)) {
    const bytes = used[host.name] ?? 0;
    const mib = `${Math.round(bytes / 2 ** 20)} MiB`;
    console.log(
      [
        host.name.padEnd(6),
        host.role.padEnd(13),
        host.address.padEnd(16),
        names.has(host.name) ? "up  " : "down",
        mib.padStart(9),
      ].join(" "),
    );
  }
  console.log();
  const kubectl = [state.tools.kubectl, "--kubeconfig", join(lab.dir, "kubeconfig"), "--request-timeout=5s"];
  console.log(await run("nsenter", [`--net=/run/netns/${lab.netns}`, ...kubectl, "get", "nodes"]));
}
