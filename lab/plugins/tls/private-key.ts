/** `tls:index/privateKey:PrivateKey` (hashicorp/terraform-provider-tls: resource_private_key.go). */
import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { authorizedKey, fingerprints, opensshPrivateKey, sshPublicBlob } from "../keys/openssh";
import { plannedResource } from "../wire/planned";
import type { Failure, Resource } from "../wire/resource";
import type { Props } from "../wire/values";
import { spki, stateId } from "./key-material";

const CURVES: Readonly<Record<string, string>> = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
};
const ALGORITHMS = ["RSA", "ECDSA", "ED25519"];

/** A private key and all its renderings; every input replaces it. */
export const privateKey: Resource = plannedResource({
  required: ["algorithm"],
  optional: ["rsaBits", "ecdsaCurve"],
  defaults: { rsaBits: 2048, ecdsaCurve: "P224" },
  computed: [
    "privateKeyPem",
    "privateKeyOpenssh",
    "privateKeyPemPkcs8",
    "publicKeyPem",
    "publicKeyOpenssh",
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
  ],
  secrets: ["privateKeyPem", "privateKeyOpenssh", "privateKeyPemPkcs8"],
  validate,
  async make(inputs) {
    const { publicKey, privateKey: key } = await generate(inputs);
    const blob = sshPublicBlob(publicKey);
    const prints = blob === undefined ? { md5: "", sha256: "" } : fingerprints(blob);
    return {
      id: stateId(spki(publicKey)),
      computed: {
        privateKeyPem: traditionalPem(key),
        privateKeyOpenssh: opensshPrivateKey(key, publicKey) ?? "",
        privateKeyPemPkcs8: pem(key.export({ type: "pkcs8", format: "pem" })),
        publicKeyPem: pem(publicKey.export({ type: "spki", format: "pem" })),
        publicKeyOpenssh: blob === undefined ? "" : authorizedKey(blob),
        publicKeyFingerprintMd5: prints.md5,
        publicKeyFingerprintSha256: prints.sha256,
        // The mark by which the official plugin knows this form of the state.
        __meta: '{"schema_version":"1"}',
      },
    };
  },
});

function validate(inputs: Props): Failure[] {
  const { algorithm, ecdsaCurve } = inputs;
  const failures: Failure[] = [];
  if (typeof algorithm === "string" && !ALGORITHMS.includes(algorithm)) {
    failures.push({
      property: "algorithm",
      reason: `value must be one of: ${ALGORITHMS.join(", ")}, got: ${algorithm}`,
    });
  }
  if (typeof ecdsaCurve === "string" && CURVES[ecdsaCurve] === undefined) {
    const curves = Object.keys(CURVES).join(", ");
    failures.push({ property: "ecdsaCurve", reason: `value must be one of: ${curves}, got: ${ecdsaCurve}` });
  }
  return failures;
}

function generate(inputs: Props): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  switch (inputs["algorithm"]) {
    case "RSA":
      return promisify(generateKeyPair)("rsa", { modulusLength: Number(inputs["rsaBits"]) });
    case "ECDSA":
      return promisify(generateKeyPair)("ec", { namedCurve: CURVES[String(inputs["ecdsaCurve"])] ?? "" });
    default:
      return promisify(generateKeyPair)("ed25519", {});
  }
}

/** The form of Go's three marshalers: PKCS #1, SEC 1, PKCS #8. */
function traditionalPem(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return pem(key.export({ type: "pkcs1", format: "pem" }));
    case "ec":
      return pem(key.export({ type: "sec1", format: "pem" }));
    default:
      return pem(key.export({ type: "pkcs8", format: "pem" }));
  }
}

function pem(text: string | Buffer): string {
  return text.toString();
}
