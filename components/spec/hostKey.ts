import type { Finding } from "./problems";

/** Bytes of an ed25519 public key (RFC 8032). */
const ED25519_BYTES = 32;

/** Curve names and bytes of an uncompressed point, by key type (RFC 5656). */
const CURVES: Partial<Record<string, { readonly curve: string; readonly bytes: number }>> = {
  "ecdsa-sha2-nistp256": { curve: "nistp256", bytes: 65 },
  "ecdsa-sha2-nistp384": { curve: "nistp384", bytes: 97 },
  "ecdsa-sha2-nistp521": { curve: "nistp521", bytes: 133 },
};

const TYPES = ["ssh-ed25519", ...Object.keys(CURVES)];

const FETCH =
  "on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)";

/** What is wrong with a pinned host key ("ssh-ed25519 AAAA..."), or undefined. */
export function checkHostKey(text: string): Finding | undefined {
  if (text.includes("PRIVATE KEY")) {
    return { message: "is a private key where the host's public key is needed", cure: FETCH };
  }
  const words = text.trim().split(/\s+/);
  const [type = "", body] = words;
  if (type === "ssh-rsa") {
    // pulumi-command (connection.go) asks for the pinned key's type by name, which for RSA means a signature with SHA-1.
    return {
      message: "is an RSA key, which no current sshd proves in the way it would be asked to",
      cure: FETCH,
    };
  }
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
  return fields.length === 2 && first?.length === ED25519_BYTES
    ? undefined
    : { message: "is not a whole ssh-ed25519 key", cure: FETCH };
}
