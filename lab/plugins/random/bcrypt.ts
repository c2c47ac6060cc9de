/** Bcrypt hashes by the C library's crypt(3): Node has none, and perl is part of every Debian and its kin. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";

/** Go's default, which the provider uses. */
const COST = 10;
const LIMIT = 72;
const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Hashes the first 72 bytes of a text. */
export async function bcrypt(text: string): Promise<string> {
  const setting = `$2a$${COST}$${salt()}`;
  const perl = spawn("perl", ["-e", "local $/; print crypt(<STDIN>, $ARGV[0])", setting], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const hash = await new Promise<string>((resolve, reject) => {
    let out = "";
    perl.stdout.setEncoding("latin1").on("data", (piece: string) => (out += piece));
    perl.once("error", reject);
    perl.once("close", () => resolve(out));
    perl.stdin.on("error", () => undefined);
    perl.stdin.end(Buffer.from(text, "utf8").subarray(0, LIMIT));
  }).catch((error: unknown) => String(error));
  if (!hash.startsWith(setting.slice(0, 7)) || hash.length !== 60) {
    throw new Error(
      "Hash Generation Error: perl's crypt makes no bcrypt hash here; install perl-base and libcrypt (libxcrypt)",
    );
  }
  return hash;
}

/** 128 bits in bcrypt's own base64; the last of 22 characters holds only two bits. */
function salt(): string {
  const bits = Array.from(randomBytes(16), (byte) => byte.toString(2).padStart(8, "0"))
    .join("")
    .padEnd(132, "0");
  return (bits.match(/.{6}/g) ?? []).map((six) => ALPHABET[parseInt(six, 2)]).join("");
}
