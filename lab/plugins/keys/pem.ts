/** PEM text as Go's encoding/pem writes and reads it (64 columns, newline at the end). */

/** Encodes one block. */
export function pemBlock(type: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join("\n")}\n-----END ${type}-----\n`;
}

/** Decodes the first block, or says that there is none. */
export function firstPemBlock(text: string): { type: string; der: Buffer } | undefined {
  const found = /-----BEGIN ([A-Z0-9 ]+)-----\s*\n([^-]*?)-----END \1-----/.exec(text);
  if (found?.[1] === undefined || found[2] === undefined) return undefined;
  return { type: found[1], der: Buffer.from(found[2].replace(/^[\w-]+:.*$/gm, ""), "base64") };
}
