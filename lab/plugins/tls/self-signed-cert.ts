/** `tls:index/selfSignedCert:SelfSignedCert` (hashicorp/terraform-provider-tls: resource_self_signed_cert.go). */
import { createPublicKey } from "node:crypto";
import { plannedResource } from "../wire/planned";
import type { Resource } from "../wire/resource";
import { certificatePlan, makeCertificate } from "./certificate";
import { algorithmOf, readPrivateKey, signerOf } from "./key-material";
import { alternativeNames, subjectOf } from "./subject";

/** A certificate signed with its own key, as a cluster's CA is. */
export const selfSignedCert: Resource = plannedResource({
  ...certificatePlan,
  required: ["privateKeyPem", "validityPeriodHours", "allowedUses"],
  optional: [
    "subject",
    "dnsNames",
    "ipAddresses",
    "uris",
    "earlyRenewalHours",
    "isCaCertificate",
    "maxPathLength",
    "setSubjectKeyId",
    "setAuthorityKeyId",
  ],
  defaults: { ...certificatePlan.defaults, setAuthorityKeyId: false },
  computed: [...certificatePlan.computed, "keyAlgorithm"],
  secrets: ["privateKeyPem"],
  async make(inputs) {
    const key = readPrivateKey(String(inputs["privateKeyPem"]), "private key PEM");
    const holder = {
      subject: subjectOf(inputs["subject"]),
      names: alternativeNames(inputs),
      publicKey: createPublicKey(key),
    };
    const { id, computed } = await makeCertificate(inputs, holder, { signer: await signerOf(key) });
    return { id, computed: { ...computed, keyAlgorithm: algorithmOf(key) } };
  },
});
