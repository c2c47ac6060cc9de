import { createHash } from "node:crypto";

/** The prime of the field of ed25519 (RFC 8032, 5.1). */
const P = 2n ** 255n - 19n;

/** The constant d of ed25519's curve -x²+y² = 1+dx²y² (RFC 8032, 5.1). */
const D = mod(-121665n * power(121666n, P - 2n));

/**
 * The host key of an example host: the first hash of "ha-kubernetes example HOST COUNTER" that is a point of the curve.
 *
 * Nobody holds a private half, not even who made it: the point comes from a hash, not from a private key.
 */
export function exampleHostKey(host: string): string {
  const key = made.get(host) ?? makeHostKey(host);
  made.set(host, key);
  return key;
}

/** Finding a point costs two milliseconds, and tests ask for the same hosts again and again. */
const made = new Map<string, string>();

function makeHostKey(host: string): string {
  for (let counter = 0; ; counter++) {
    const point = createHash("sha256").update(`ha-kubernetes example ${host} ${counter}`).digest();
    if (isPoint(point))
      return `ssh-ed25519 ${Buffer.concat([field("ssh-ed25519"), field(point)]).toString("base64")}`;
  }
}

/** One length-prefixed field of an ssh key (RFC 4253, 6.6). */
export function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Whether x exists for the y of an encoded point (RFC 8032, 5.1.3). */
function isPoint(encoded: Buffer): boolean {
  const y = BigInt(`0x${Buffer.from(encoded).reverse().toString("hex")}`) & (2n ** 255n - 1n);
  if (y >= P) return false;
  const x2 = mod((y * y - 1n) * power(mod(D * y * y + 1n), P - 2n));
  return x2 !== 0n && power(x2, (P - 1n) / 2n) === 1n;
}

function mod(number: bigint): bigint {
  return ((number % P) + P) % P;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}
