/** The program of engine.lab.ts: every resource that has a stand-in; MODE says what is changed. */
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { readFileSync } from "node:fs";

const mode = process.env["MODE"] ?? "";
const folder = process.env["FOLDER"] ?? "";
const connection = {
  host: "127.0.0.1",
  port: Number(process.env["PORT"]),
  user: process.env["LOGIN"] ?? "",
  privateKey: readFileSync(`${folder}/user`, "utf8"),
  hostKey: process.env["HOST_KEY"] ?? "",
  dialErrorLimit: 2,
};

const step = new command.remote.Command("step", {
  connection,
  create: `cat > ${folder}/stdin; echo made >> ${folder}/steps; echo made`,
  update: `cat > ${folder}/stdin; echo updated >> ${folder}/steps; echo updated`,
  delete: `echo deleted >> ${folder}/steps`,
  stdin: pulumi.secret(mode === "stdin" ? "CANARY-STDIN-2" : "CANARY-STDIN-1"),
  triggers: [mode === "trigger" ? 2 : 1],
  addPreviousOutputInEnv: false,
});
new command.remote.CopyToRemote("copy", {
  connection,
  source: new pulumi.asset.StringAsset("copied"),
  remotePath: `${folder}/copied`,
});
const caKey = new tls.PrivateKey("ca", { algorithm: "ECDSA", ecdsaCurve: "P256" });
const ca = new tls.SelfSignedCert("ca", {
  privateKeyPem: caKey.privateKeyPem,
  isCaCertificate: true,
  validityPeriodHours: 87600,
  allowedUses: ["cert_signing"],
  subject: { commonName: "ca" },
});
const key = new tls.PrivateKey("leaf", { algorithm: "ED25519" });
const request = new tls.CertRequest("leaf", {
  privateKeyPem: key.privateKeyPem,
  subject: { commonName: "leaf" },
});
const leaf = new tls.LocallySignedCert("leaf", {
  caCertPem: ca.certPem,
  caPrivateKeyPem: caKey.privateKeyPem,
  certRequestPem: request.certRequestPem,
  validityPeriodHours: 8760,
  allowedUses: ["client_auth"],
});
const password = new random.RandomPassword("password", { length: 30, special: false });
const text = new random.RandomString("text", { length: 8 });
const id = new random.RandomId("id", { byteLength: 4 });

/** What the test looks at; the secrets among them are looked for in the state. */
export const outputs = {
  step: step.stdout,
  password: password.result,
  hash: password.bcryptHash,
  caKey: caKey.privateKeyPem,
  leaf: leaf.certPem,
  text: text.result,
  id: id.hex,
};
