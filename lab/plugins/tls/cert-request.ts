/** `tls:index/certRequest:CertRequest` (hashicorp/terraform-provider-tls: resource_cert_request.go). */
import { Pkcs10CertificateRequestGenerator } from "./x509";
import { pemBlock } from "../keys/pem";
import { plannedResource } from "../wire/planned";
import type { Resource } from "../wire/resource";
import { algorithmOf, readPrivateKey, signerOf, stateId } from "./key-material";
import { alternativeNames, alternativeNamesExtension, encoded, subjectOf } from "./subject";

/** A request for a certificate; every input replaces it. */
export const certRequest: Resource = plannedResource({
  required: ["privateKeyPem"],
  optional: ["subject", "dnsNames", "ipAddresses", "uris"],
  computed: ["certRequestPem", "keyAlgorithm"],
  secrets: ["privateKeyPem"],
  async make(inputs) {
    const key = readPrivateKey(String(inputs["privateKeyPem"]), "private key PEM");
    const signer = await signerOf(key);
    const subject = subjectOf(inputs["subject"]);
    const request = await Pkcs10CertificateRequestGenerator.create({
      name: encoded(subject),
      keys: signer.keys,
      signingAlgorithm: signer.algorithm,
      extensions: alternativeNamesExtension(alternativeNames(inputs), subject),
    });
    const der = Buffer.from(request.rawData);
    return {
      id: stateId(der),
      computed: { certRequestPem: pemBlock("CERTIFICATE REQUEST", der), keyAlgorithm: algorithmOf(key) },
    };
  },
});
