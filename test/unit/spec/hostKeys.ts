import { createHash } from "node:crypto";
import { field } from "./exampleKeys";

/** An ssh public key of these fields, the type in clear and inside given apart so that they may disagree. */
export function sshKey(type: string, ...fields: (string | Buffer)[]): string {
  return `${type} ${Buffer.concat(fields.map(field)).toString("base64")}`;
}

/** A well-formed ECDSA key: a type, its curve, and a point of so many bytes. */
export function ecdsaKey(type: string, curve: string, bytes: number): string {
  return sshKey(type, type, curve, Buffer.concat([Buffer.from([4]), Buffer.alloc(bytes - 1, 7)]));
}

/** A well-formed ed25519 key for a host of a test; cheaper than an example key, as nobody asks whether it is a point. */
export function hostKeyOf(name: string): string {
  return sshKey("ssh-ed25519", "ssh-ed25519", createHash("sha256").update(name).digest());
}
