import type { Finding } from "./problems";

/** Fewest bits of an RSA host key (NIST SP 800-131A; OpenSSH alone, by RequiredRSASize, would still take 1024). */
const RSA_MIN_BITS = 2048;

/** Bytes of an ed25519 public key (RFC 8032). */
const ED25519_BYTES = 32;

/** Curve names and bytes of an uncompressed point, by key type (RFC 5656). */
const CURVES: Partial<Record<string, { readonly curve: string; readonly bytes: number }>> = {
  "ecdsa-sha2-nistp256": { curve: "nistp256", bytes: 65 },
  "ecdsa-sha2-nistp384": { curve: "nistp384", bytes: 97 },
  "ecdsa-sha2-nistp521": { curve: "nistp521", bytes: 133 },
};

const TYPES = ["ssh-ed25519", ...Object.keys(CURVES), "ssh-rsa"];

const FETCH =
  "on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)";

/** What is wrong with a pinned host key ("ssh-ed25519 AAAA..."), or undefined. */
export function checkHostKey(text: string): Finding | undefined {
  if (text.includes("PRIVATE KEY")) {
    return { message: "is a private key where the host's public key is needed", cure: FETCH };
  }
  const words = text.trim().split(/\s+/);
  const [type = "", body] = words;
  if (!TYPES.includes(type)) {
    return words.some((word) => TYPES.includes(word))
      ? {
          message: "does not begin with the key's type",
          cure: "leave out the host names and options before it",
        }
      : { message: `is no host key of a type in use (${TYPES.join(", ")})`, cure: FETCH };
  }
  if (body === undefined) return { message: "has a type but no key after it", cure: FETCH };
  const bytes = Buffer.from(body, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") !== body.replace(/=+$/, "")) {
    return { message: "is cut off or is not base64", cure: FETCH };
  }
  return checkFields(type, readFields(bytes));
}

/** The key as it is pinned: type and body, without a comment. */
export function normalizeHostKey(text: string): string {
  return text.trim().split(/\s+/).slice(0, 2).join(" ");
}

/** The length-prefixed fields of an ssh key (RFC 4253, 6.6), or undefined if the lengths don't add up. */
function readFields(bytes: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + 4 > bytes.length) return undefined;
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return fields;
}

function checkFields(type: string, fields: Buffer[] | undefined): Finding | undefined {
  const [inner, first, second] = fields ?? [];
  if (fields === undefined || inner === undefined)
    return { message: "is cut off or is not base64", cure: FETCH };
  if (inner.toString("latin1") !== type) {
    return { message: `says ${type}, but the key inside is ${inner.toString("latin1")}`, cure: FETCH };
  }
  const curve = CURVES[type];
  if (curve !== undefined) {
    const good = fields.length === 3 && first?.toString("latin1") === curve.curve;
    const point = second?.length === curve.bytes && second[0] === 4;
    return good && point ? undefined : { message: `is not a whole ${type} key`, cure: FETCH };
  }
  if (type === "ssh-ed25519") {
    return fields.length === 2 && first?.length === ED25519_BYTES
      ? undefined
      : { message: "is not a whole ssh-ed25519 key", cure: FETCH };
  }
  if (fields.length !== 3 || second === undefined)
    return { message: "is not a whole ssh-rsa key", cure: FETCH };
  const bits = bitLength(second);
  return bits >= RSA_MIN_BITS
    ? undefined
    : { message: `is an RSA key of ${bits} bits, fewer than ${RSA_MIN_BITS}`, cure: FETCH };
}

/** Bits of a positive big-endian number, leading zeros left out. */
function bitLength(number: Buffer): number {
  const start = number.findIndex((byte) => byte !== 0);
  if (start < 0) return 0;
  return (number.length - start - 1) * 8 + (32 - Math.clz32(number[start] ?? 0));
}
