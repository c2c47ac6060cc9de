import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key in PEM. */
export interface Pem {
  certPem: string;
  keyPem: string;
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** A throw-away CA. */
export function testCa(): Pem {
  return inFolder((openssl, read) => {
    openssl("req", "-x509", ...NEW_KEY, "-keyout", "k", "-out", "c", "-subj", "/CN=test CA", "-days", "1");
    return { certPem: read("c"), keyPem: read("k") };
  });
}

/** A server certificate of the CA for one DNS name. */
export function serverCertificate(ca: Pem, dnsName: string): Pem {
  return inFolder((openssl, read, write) => {
    write("ca", ca.certPem + ca.keyPem);
    write("e", `subjectAltName=DNS:${dnsName}\n`);
    openssl("req", ...NEW_KEY, "-keyout", "k", "-out", "r", "-subj", `/CN=${dnsName}`);
    openssl(
      "x509",
      "-req",
      "-in",
      "r",
      "-CA",
      "ca",
      "-CAkey",
      "ca",
      "-CAcreateserial",
      "-out",
      "c",
      "-days",
      "1",
      "-extfile",
      "e",
    );
    return { certPem: read("c"), keyPem: read("k") };
  });
}

type Work = (
  openssl: (...args: string[]) => void,
  read: (file: string) => string,
  write: (file: string, text: string) => void,
) => Pem;

function inFolder(work: Work): Pem {
  const folder = mkdtempSync(join(tmpdir(), "ha-kubernetes-openssl-"));
  try {
    return work(
      (...args) => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" }),
      (file) => readFileSync(join(folder, file), "utf8"),
      (file, text) => writeFileSync(join(folder, file), text, { mode: 0o600 }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
