import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "../../lab/engine";
import { run } from "../../lab/run";
import { lab } from "./support";

/** Names of the three CAs as the stack's config has them. */
export const CAS = ["clusterCa", "frontProxyCa", "etcdCa"] as const;

export type Ca = (typeof CAS)[number];

/** Makes the operator's own CAs with openssl and puts them into the stack's config; gives each key. */
export async function giveOwnCas(engine: Engine): Promise<Record<Ca, string>> {
  const keys: Partial<Record<Ca, string>> = {};
  for (const ca of CAS) {
    await run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"],
      ...["-subj", `/O=Operator/CN=own ${ca}`, "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
      ...["-keyout", caFile(ca, "key"), "-out", caFile(ca, "crt")],
    ]);
    keys[ca] = await readFile(caFile(ca, "key"), "utf8");
    const input = await readFile(caFile(ca, "crt"), "utf8");
    await engine.pulumi(["config", "set", `${ca}Cert`], { input });
    await engine.pulumi(["config", "set", "--secret", `${ca}Key`], { input: keys[ca] });
  }
  return keys as Record<Ca, string>;
}

/** Fails unless the certificate that this address shows was issued by the operator's CA. */
export async function assertIssued(ca: Ca, address: string): Promise<void> {
  const shown = `openssl s_client -connect ${address} </dev/null 2>/dev/null | openssl x509`;
  const verify = `openssl verify -CAfile ${caFile(ca, "crt")}`;
  await run("nsenter", [`--net=/run/netns/${lab.netns}`, "bash", "-c", `${shown} | ${verify}`]);
}

/** Where the lab keeps the operator's CA: as its key, below a folder of its own. */
export function caFile(ca: Ca, kind: "crt" | "key"): string {
  return join(lab.dir, "ssh", `own-${ca}.${kind}`);
}
