/** A small PKI made by the plugins under test. */
import { certRequest } from "../../../lab/plugins/tls/cert-request";
import { locallySignedCert } from "../../../lab/plugins/tls/locally-signed-cert";
import { privateKey } from "../../../lab/plugins/tls/private-key";
import { selfSignedCert } from "../../../lab/plugins/tls/self-signed-cert";
import type { Known } from "../../../lab/plugins/wire/resource";
import type { Props } from "../../../lab/plugins/wire/values";
import { created, open } from "./calls";
import { opensslText } from "./openssl";

const KEYS = {
  ca: { algorithm: "ECDSA", ecdsaCurve: "P256" },
  leaf: { algorithm: "ECDSA", ecdsaCurve: "P256" },
  rsa: { algorithm: "RSA" },
  ed: { algorithm: "ED25519" },
} as const;

/** A CA and what is needed to ask it for certificates. */
export interface TestPki {
  ca: Known;
  key(name: keyof typeof KEYS): string;
  /** Inputs of a CA's certificate. */
  caInputs(more?: Props): Props;
  request(more?: Props): Promise<Known>;
  /** Inputs of a certificate for a request with the given properties. */
  leafInputs(request: Props, more?: Props): Promise<Props>;
  leaf(request: Props, more?: Props): Promise<Known>;
}

/** Makes the keys and the CA. */
export async function testPki(): Promise<TestPki> {
  const keys = new Map<string, string>();
  for (const [name, inputs] of Object.entries(KEYS)) {
    keys.set(name, String(open(await created(privateKey, inputs))["privateKeyPem"]));
  }
  const key = (name: string): string => keys.get(name) ?? "";
  const caInputs = (more: Props = {}): Props => ({
    privateKeyPem: key("ca"),
    isCaCertificate: true,
    validityPeriodHours: 87600,
    allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
    subject: { commonName: "kubernetes-ca", organization: "ha & co" },
    ...more,
  });
  const ca = await created(selfSignedCert, caInputs());
  const request = (more: Props = {}): Promise<Known> =>
    created(certRequest, { privateKeyPem: key("leaf"), ...more });
  const leafInputs = async (csr: Props, more: Props = {}): Promise<Props> => ({
    caCertPem: open(ca)["certPem"] ?? null,
    caPrivateKeyPem: key("ca"),
    certRequestPem: open(await request(csr))["certRequestPem"] ?? null,
    validityPeriodHours: 8760,
    allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
    ...more,
  });
  const leaf = async (csr: Props, more: Props = {}): Promise<Known> =>
    created(locallySignedCert, await leafInputs(csr, more));
  return { ca, key, caInputs, request, leafInputs, leaf };
}

/** What openssl reads in a certificate. */
export function certificateText(known: Known): string {
  return opensslText("x509", String(open(known)["certPem"]));
}
