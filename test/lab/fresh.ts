import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as hosts from "../../lab/hosts/hosts";
import type { Shape } from "../../lab/shape";
import { lab, ready } from "./support";

/** New hosts, an empty state and a new config: nothing of an earlier cluster. The ssh keys and plugins stay. */
export async function fresh(shape: Shape): Promise<void> {
  await nothing();
  await ready(shape);
}

/** The same, but nothing is made yet. */
export async function nothing(): Promise<void> {
  await hosts.down(lab);
  for (const name of ["state", "Pulumi.lab.yaml", "passphrase", "lab.json", "kubeconfig", "bundle-server"])
    await rm(join(lab.dir, name), { recursive: true, force: true });
}
