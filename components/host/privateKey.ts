import { createPrivateKey } from "node:crypto";
import { parsePrivateKey } from "sshpk";

/**
 * An ed25519 key in PKCS #8: 119 bytes instead of OpenSSH's 399. The engine stores the connection twice with every
 * step of every host, so these bytes are most of what a host costs in the state. Other keys stay as they are.
 *
 * @throws if the text is no private key, or one with a passphrase; the message never holds the key
 */
export function compactKey(pem: string): string {
  if (!pem.includes("BEGIN OPENSSH PRIVATE KEY")) return pem;
  try {
    const key = parsePrivateKey(pem, "ssh") as unknown as {
      type: string;
      part: Record<string, { data: Buffer }>;
    };
    const { k: seed, A: point } = key.part;
    if (key.type !== "ed25519" || !seed || !point) return pem;
    const jwk = {
      kty: "OKP",
      crv: "Ed25519",
      d: seed.data.toString("base64url"),
      x: point.data.toString("base64url"),
    };
    return createPrivateKey({ key: jwk, format: "jwk" }).export({ format: "pem", type: "pkcs8" }).toString();
  } catch {
    throw new Error(
      "the ssh private key can't be read. Likely cause: it is damaged, or has a passphrase. " +
        "Next: give one without (ssh-keygen -p), or leave ssh.privateKey out and use the ssh agent.",
    );
  }
}
