/** `tls:index/locallySignedCert:LocallySignedCert` (hashicorp/terraform-provider-tls: resource_locally_signed_cert.go). */
import {
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  type JsonGeneralNames,
} from "./x509";
import { createPublicKey } from "node:crypto";
import { firstPemBlock } from "../keys/pem";
import { plannedResource } from "../wire/planned";
import type { Resource } from "../wire/resource";
import { certificatePlan, makeCertificate, type Holder } from "./certificate";
import { algorithmOf, readPrivateKey, signerOf, spki } from "./key-material";
import { subjectOfName } from "./subject";

/** A certificate for a request, signed with a CA's key. */
export const locallySignedCert: Resource = plannedResource({
  ...certificatePlan,
  required: ["caCertPem", "caPrivateKeyPem", "certRequestPem", "validityPeriodHours", "allowedUses"],
  optional: ["earlyRenewalHours", "isCaCertificate", "maxPathLength", "setSubjectKeyId"],
  computed: [...certificatePlan.computed, "caKeyAlgorithm"],
  secrets: ["caPrivateKeyPem"],
  async make(inputs) {
    const holder = holderOf(
      block(inputs["certRequestPem"], "CERTIFICATE REQUEST", "certificate request PEM"),
    );
    const caKey = readPrivateKey(String(inputs["caPrivateKeyPem"]), "CA private key PEM");
    const ca = new X509Certificate(
      new Uint8Array(block(inputs["caCertPem"], "CERTIFICATE", "CA certificate PEM")),
    );
    if (!Buffer.from(ca.publicKey.rawData).equals(spki(createPublicKey(caKey)))) {
      throw new Error(
        "Failed to create certificate: x509: provided PrivateKey doesn't match parent's PublicKey",
      );
    }
    const keyId = ca.getExtension(SubjectKeyIdentifierExtension)?.keyId;
    const issuer = {
      signer: await signerOf(caKey),
      name: ca.subjectName,
      ...(keyId === undefined ? {} : { keyId }),
    };
    const { id, computed } = await makeCertificate(inputs, holder, issuer);
    return { id, computed: { ...computed, caKeyAlgorithm: algorithmOf(caKey) } };
  },
});

function holderOf(der: Buffer): Holder {
  const request = new Pkcs10CertificateRequest(new Uint8Array(der));
  return {
    subject: subjectOfName(request.subjectName),
    names: carriedNames(request),
    publicKey: createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: "der", type: "spki" }),
  };
}

/** The provider takes DNS names, addresses and URIs from the request, in that order, and nothing else. */
function carriedNames(request: Pkcs10CertificateRequest): JsonGeneralNames {
  const raw = request.getExtension("2.5.29.17")?.rawData;
  if (raw === undefined) return [];
  const names = new SubjectAlternativeNameExtension(raw).names.items;
  return (["dns", "ip", "url"] as const).flatMap((type) =>
    names.filter((name) => name.type === type).map(({ value }) => ({ type, value })),
  );
}

function block(value: unknown, type: string, what: string): Buffer {
  const found = firstPemBlock(String(value));
  if (found === undefined) {
    throw new Error(`Failed to parse ${what}: failed to decode PEM of expected type "${type}" from bytes`);
  }
  if (found.type !== type) {
    throw new Error(`Failed to parse ${what}: invalid PEM type - expected "${type}", got "${found.type}"`);
  }
  return found.der;
}
