/** Openssl as the judge of certificates; the code under test does not use it. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What openssl reads in a certificate, request or key. */
export function opensslText(kind: "x509" | "req" | "pkey", pem: string): string {
  return execFileSync("openssl", [kind, "-noout", "-text"], { input: pem, encoding: "utf8" });
}

/** Whether openssl takes a certificate for a purpose under a CA; the empty text is a yes. */
export function opensslRefuses(ca: string, certificate: string, ...args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "plugins-openssl-"));
  try {
    writeFileSync(join(folder, "ca"), ca);
    const found = spawnSync("openssl", ["verify", "-x509_strict", "-CAfile", join(folder, "ca"), ...args], {
      input: certificate,
      encoding: "utf8",
    });
    return found.status === 0 ? "" : found.stdout + found.stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
