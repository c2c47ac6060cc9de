/** What the two kinds of certificate have in common (hashicorp/terraform-provider-tls: common_cert.go; Go: crypto/x509.CreateCertificate). */
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type JsonGeneralNames,
  type Name,
} from "./x509";
import { randomBytes, type KeyObject } from "node:crypto";
import { pemBlock } from "../keys/pem";
import type { Plan } from "../wire/planned";
import type { Failure } from "../wire/resource";
import type { Props } from "../wire/values";
import { spki, subjectKeyId, type Signer } from "./key-material";
import { alternativeNamesExtension, encoded, type Subject } from "./subject";
import { USAGES, usageExtensions } from "./usages";

const HOUR_MS = 3_600_000;

/** Who a certificate is for. */
export interface Holder {
  subject: Subject;
  names: JsonGeneralNames;
  publicKey: KeyObject;
}

/** Who signs it; without a name the holder does, with its own key. */
export interface Issuer {
  signer: Signer;
  name?: Name;
  /** Hexadecimal, if the issuer's certificate has one. */
  keyId?: string;
}

/** The rules both kinds share. */
export const certificatePlan = {
  defaults: { isCaCertificate: false, earlyRenewalHours: 0, setSubjectKeyId: false },
  sticky: ["maxPathLength"],
  inPlace: ["earlyRenewalHours"],
  computed: ["certPem", "readyForRenewal", "validityStartTime", "validityEndTime"],
  validate: validateCertificate,
  overdue: renewalDue,
} satisfies Partial<Plan>;

/** Makes the certificate and the outputs both kinds share. */
export async function makeCertificate(
  inputs: Props,
  holder: Holder,
  issuer: Issuer,
): Promise<{ id: string; computed: Props }> {
  const hours = Number(inputs["validityPeriodHours"]);
  const now = new Date();
  const end = new Date(now.getTime() + hours * HOUR_MS);
  const serial = randomBytes(16);
  const subject = encoded(holder.subject);
  const certificate = await X509CertificateGenerator.create({
    // A leading zero keeps the number positive whatever its first bit.
    serialNumber: `00${serial.toString("hex")}`,
    subject,
    issuer: issuer.name ?? subject,
    notBefore: wholeSeconds(now),
    notAfter: wholeSeconds(end),
    publicKey: new Uint8Array(spki(holder.publicKey)),
    signingKey: issuer.signer.keys.privateKey,
    signingAlgorithm: issuer.signer.algorithm,
    extensions: extensions(inputs, holder, issuer),
  });
  return {
    id: BigInt(`0x${serial.toString("hex")}`).toString(),
    computed: {
      certPem: pemBlock("CERTIFICATE", new Uint8Array(certificate.rawData)),
      readyForRenewal: hours === 0 || Number(inputs["earlyRenewalHours"]) >= hours,
      validityStartTime: now.toISOString(),
      validityEndTime: end.toISOString(),
    },
  };
}

function extensions(inputs: Props, holder: Holder, issuer: Issuer) {
  const isCa = inputs["isCaCertificate"] === true;
  if (isCa && holder.subject.size === 0) {
    throw new Error(
      "Invalid Certificate Subject: Must contain at least one Distinguished Name when creating Certificate Authority (CA)",
    );
  }
  const ownKeyId =
    isCa || inputs["setSubjectKeyId"] === true ? subjectKeyId(holder.publicKey).toString("hex") : undefined;
  const authorityKeyId = issuer.name === undefined ? ownAuthority(inputs, ownKeyId) : issuer.keyId;
  return [
    ...usageExtensions((inputs["allowedUses"] as string[] | undefined) ?? []),
    new BasicConstraintsExtension(isCa, pathLength(inputs, isCa), true),
    ...(ownKeyId === undefined ? [] : [new SubjectKeyIdentifierExtension(ownKeyId)]),
    ...(authorityKeyId === undefined ? [] : [new AuthorityKeyIdentifierExtension(authorityKeyId)]),
    ...alternativeNamesExtension(holder.names, holder.subject),
  ];
}

function ownAuthority(inputs: Props, ownKeyId: string | undefined): string | undefined {
  if (inputs["setAuthorityKeyId"] !== true) return undefined;
  if (ownKeyId === undefined) {
    throw new Error("Invalid Certificate Authority: Could not determine Authority Key Identifier");
  }
  return ownKeyId;
}

/** A length of 0 is lost in the provider (it never sets Go's MaxPathLenZero), so it is here. */
function pathLength(inputs: Props, isCa: boolean): number | undefined {
  const given = inputs["maxPathLength"];
  if (typeof given !== "number" || given <= 0) return undefined;
  if (!isCa)
    throw new Error("Failed to create certificate: x509: only CAs are allowed to specify MaxPathLen");
  return given;
}

function validateCertificate(inputs: Props): Failure[] {
  const failures: Failure[] = [];
  const atLeast = (property: string, least: number): void => {
    const value = inputs[property];
    if (typeof value === "number" && value < least) {
      failures.push({ property, reason: `value must be at least ${least}, got: ${value}` });
    }
  };
  atLeast("validityPeriodHours", 0);
  atLeast("earlyRenewalHours", 0);
  atLeast("maxPathLength", -1);
  const uses = inputs["allowedUses"];
  for (const [i, use] of (Array.isArray(uses) ? uses : []).entries()) {
    if (typeof use === "string" && !USAGES.includes(use)) {
      failures.push({
        property: `allowedUses[${i}]`,
        reason: `value must be one of: ${USAGES.join(", ")}, got: ${use}`,
      });
    }
  }
  return failures;
}

/** Whether the time of early renewal has come; the next `up` then makes a new certificate. */
function renewalDue(state: Props): string | undefined {
  const end = Date.parse(String(state["validityEndTime"]));
  const early = Number(state["earlyRenewalHours"] ?? 0) * HOUR_MS;
  return end - early <= Date.now() ? "readyForRenewal" : undefined;
}

function wholeSeconds(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
