/** Private keys as the tls provider reads and writes them (hashicorp/terraform-provider-tls: common_key.go). */
import { createHash, createPrivateKey, createPublicKey, webcrypto, type KeyObject } from "node:crypto";
import { firstPemBlock } from "../keys/pem";

/** The three kinds the provider knows. */
export type Algorithm = "RSA" | "ECDSA" | "ED25519";

const ALGORITHMS: Readonly<Record<string, Algorithm>> = { rsa: "RSA", ec: "ECDSA", ed25519: "ED25519" };
const READABLE = ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"];

/** Reads a private key in any of the PEM forms the provider takes. */
export function readPrivateKey(pem: string, what: string): KeyObject {
  const block = firstPemBlock(pem);
  if (block === undefined) throw new Error(`Failed to parse ${what}: failed to decode PEM block`);
  if (!READABLE.includes(block.type)) {
    throw new Error(`Failed to parse ${what}: unsupported PEM preamble/type: ${block.type}`);
  }
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new Error(`Failed to parse ${what}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** The provider's name for a key's kind. */
export function algorithmOf(key: KeyObject): Algorithm {
  const algorithm = ALGORITHMS[key.asymmetricKeyType ?? ""];
  if (algorithm === undefined) throw new Error(`unsupported private key type: ${key.asymmetricKeyType}`);
  return algorithm;
}

/** A key pair for signing, with the digest Go's crypto/x509 chooses for it. */
export interface Signer {
  keys: { privateKey: webcrypto.CryptoKey; publicKey: webcrypto.CryptoKey };
  algorithm: { name: string; hash?: string; namedCurve?: string };
}

const CURVES: Readonly<Record<string, { namedCurve: string; hash: string }>> = {
  prime256v1: { namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { namedCurve: "P-384", hash: "SHA-384" },
  secp521r1: { namedCurve: "P-521", hash: "SHA-512" },
};

/** Makes a signer of a private key. */
export async function signerOf(key: KeyObject): Promise<Signer> {
  const algorithm = signatureAlgorithm(key);
  const privateKey = await webcrypto.subtle.importKey(
    "pkcs8",
    key.export({ type: "pkcs8", format: "der" }),
    algorithm,
    false,
    ["sign"],
  );
  const publicKey = await webcrypto.subtle.importKey("spki", spki(createPublicKey(key)), algorithm, true, [
    "verify",
  ]);
  return { keys: { privateKey, publicKey }, algorithm };
}

function signatureAlgorithm(key: KeyObject): { name: string; hash?: string; namedCurve?: string } {
  const algorithm = algorithmOf(key);
  if (algorithm === "RSA") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  if (algorithm === "ED25519") return { name: "Ed25519" };
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (curve === undefined)
    throw new Error("the stand-in plugin tls cannot sign with curve P224 (Node has no such signer)");
  return { name: "ECDSA", ...curve };
}

/** The public key in its X.509 form. */
export function spki(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: "spki", format: "der" });
}

/** The subject key id the provider computes: SHA-1 over the public key without its X.509 frame. */
export function subjectKeyId(publicKey: KeyObject): Buffer {
  return createHash("sha1").update(rawPublicKey(publicKey)).digest();
}

function rawPublicKey(publicKey: KeyObject): Buffer {
  if (publicKey.asymmetricKeyType === "rsa") return publicKey.export({ type: "pkcs1", format: "der" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const [X, Y] = [Buffer.from(x ?? "", "base64url"), Buffer.from(y ?? "", "base64url")];
  // The provider hashes an ed25519 key inside an OCTET STRING, an EC point bare.
  return publicKey.asymmetricKeyType === "ed25519"
    ? Buffer.concat([Buffer.of(4, X.length), X])
    : Buffer.concat([Buffer.of(4), X, Y]);
}

/** The id of keys and requests: SHA-1 over the DER bytes with white space cut off, as the provider does. */
export function stateId(der: Buffer): string {
  const space = [9, 10, 11, 12, 13, 32];
  let [start, end] = [0, der.length];
  while (start < end && space.includes(der[start] ?? 0)) start++;
  while (end > start && space.includes(der[end - 1] ?? 0)) end--;
  return createHash("sha1").update(der.subarray(start, end)).digest("hex");
}
