/** Keys in OpenSSH's own formats, made from any key Node can read (openssh/openssh-portable: PROTOCOL.key, RFC 4253, RFC 8709). */
import { createHash, randomBytes, type KeyObject } from "node:crypto";
import { pemBlock } from "./pem";

const CURVES: Readonly<Record<string, string>> = {
  prime256v1: "nistp256",
  secp384r1: "nistp384",
  secp521r1: "nistp521",
};

/** The public key as an ssh blob, or undefined for a kind that ssh has no name for (P-224). */
export function sshPublicBlob(key: KeyObject): Buffer | undefined {
  const kind = key.asymmetricKeyType;
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (kind !== "ed25519" && kind !== "rsa" && curve === undefined) return undefined;
  const { x, y, n, e } = key.export({ format: "jwk" });
  if (kind === "ed25519") return packed("ssh-ed25519", number(x));
  if (curve === undefined) return packed("ssh-rsa", mpint(number(e)), mpint(number(n)));
  return packed(`ecdsa-sha2-${curve}`, curve, Buffer.concat([Buffer.of(4), number(x), number(y)]));
}

/** The line for authorized_keys, with the newline Go's ssh.MarshalAuthorizedKey puts. */
export function authorizedKey(blob: Buffer): string {
  const type = blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("ascii");
  return `${type} ${blob.toString("base64")}\n`;
}

/** Fingerprints in the two shapes ssh-keygen prints, without the `MD5:` prefix. */
export function fingerprints(blob: Buffer): { md5: string; sha256: string } {
  const md5 = createHash("md5")
    .update(blob)
    .digest("hex")
    .replace(/..(?=.)/g, "$&:");
  const sha256 = createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
  return { md5, sha256: `SHA256:${sha256}` };
}

/** The private key as "OPENSSH PRIVATE KEY", unencrypted, or undefined where ssh has no such kind. */
export function opensshPrivateKey(key: KeyObject, publicKey: KeyObject): string | undefined {
  const blob = sshPublicBlob(publicKey);
  if (blob === undefined) return undefined;
  const check = randomBytes(4);
  const body = Buffer.concat([check, check, privatePart(key, blob), string("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, i) => i + 1));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0", "ascii"),
    packed("none", "none", ""),
    uint32(1),
    packed(blob, Buffer.concat([body, padding])),
  ]);
  return pemBlock("OPENSSH PRIVATE KEY", file);
}

function privatePart(key: KeyObject, blob: Buffer): Buffer {
  const { kty, d, x, n, e, p, q, qi } = key.export({ format: "jwk" });
  if (kty === "OKP") return packed("ssh-ed25519", number(x), Buffer.concat([number(d), number(x)]));
  if (kty === "RSA") {
    return packed("ssh-rsa", ...[n, e, d, qi, p, q].map((part) => mpint(number(part))));
  }
  return Buffer.concat([blob, packed(mpint(number(d)))]);
}

function number(base64url: string | undefined): Buffer {
  return Buffer.from(base64url ?? "", "base64url");
}

function mpint(value: Buffer): Buffer {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const trimmed = value.subarray(start);
  return (trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed;
}

function packed(...parts: (Buffer | string)[]): Buffer {
  return Buffer.concat(parts.map(string));
}

function string(value: Buffer | string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
