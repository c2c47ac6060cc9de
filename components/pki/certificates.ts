import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

/** A private key and its certificate, both PEM; the key is secret from birth. */
export interface KeyPair {
  certPem: pulumi.Output<string>;
  keyPem: pulumi.Output<string>;
}

/** A CA that the operator already has. */
export interface ExistingCa {
  certPem: pulumi.Input<string>;
  keyPem: pulumi.Input<string>;
}

/**
 * 10 years, as kubeadm's CAs: rotating a CA is a procedure of its own, never a side effect of `up`.
 *
 * @see https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/
 */
const CA_HOURS = 10 * 365 * 24;

/**
 * 3 years, renewed by any `up` in the last 180 days: long enough that a no-op `up` stays one for years,
 * and a stack that is touched twice a year never sees an expired certificate (docs/decisions).
 */
const LEAF = { validityPeriodHours: 3 * 365 * 24, earlyRenewalHours: 180 * 24 };

/** ECDSA P-256: kubeadm's `ECDSA-P256`, and a tenth of RSA's cost on every handshake. */
const KEY = { algorithm: "ECDSA", ecdsaCurve: "P256" };

/** Makes a self-signed CA, or takes the operator's own. */
export function certificateAuthority(
  name: string,
  commonName: string,
  parent: pulumi.Resource,
  existing?: ExistingCa,
): KeyPair {
  if (existing) {
    return { certPem: pulumi.output(existing.certPem), keyPem: pulumi.secret(existing.keyPem) };
  }
  const key = new tls.PrivateKey(name, KEY, { parent });
  const cert = new tls.SelfSignedCert(
    name,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName },
      isCaCertificate: true,
      setSubjectKeyId: true,
      allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
      validityPeriodHours: CA_HOURS,
    },
    { parent },
  );
  return { certPem: cert.certPem, keyPem: key.privateKeyPem };
}

/** What a certificate is issued for. */
export interface LeafArgs {
  commonName: string;
  organization?: string;
  /** Server certificates carry their names and addresses. */
  dnsNames?: string[];
  ipAddresses?: string[];
  uses: ("server" | "client")[];
  /** Ed25519 where size counts and only Go and OpenSSL read it. */
  small?: boolean;
}

/** Issues a certificate with a key of its own. */
export function issue(name: string, ca: KeyPair, args: LeafArgs, parent: pulumi.Resource): KeyPair {
  const key = new tls.PrivateKey(name, args.small ? { algorithm: "ED25519" } : KEY, { parent });
  const request = new tls.CertRequest(
    name,
    {
      privateKeyPem: key.privateKeyPem,
      subject: { commonName: args.commonName, organization: args.organization },
      dnsNames: args.dnsNames,
      ipAddresses: args.ipAddresses,
    },
    { parent },
  );
  const cert = new tls.LocallySignedCert(
    name,
    {
      caCertPem: ca.certPem,
      caPrivateKeyPem: ca.keyPem,
      certRequestPem: request.certRequestPem,
      allowedUses: ["digital_signature", ...args.uses.map((use) => `${use}_auth`)],
      ...LEAF,
    },
    { parent },
  );
  return { certPem: cert.certPem, keyPem: key.privateKeyPem };
}

/** Makes the key pair that signs service account tokens. */
export function signingKey(name: string, parent: pulumi.Resource) {
  const key = new tls.PrivateKey(name, KEY, { parent });
  return { publicPem: key.publicKeyPem, keyPem: key.privateKeyPem };
}
