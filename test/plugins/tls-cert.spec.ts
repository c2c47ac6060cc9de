/** The three resources of certificates, judged by openssl and node:crypto; Go's own verdict is the cluster's start. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { certRequest } from "../../lab/plugins/tls/cert-request";
import { locallySignedCert } from "../../lab/plugins/tls/locally-signed-cert";
import { privateKey } from "../../lab/plugins/tls/private-key";
import { selfSignedCert } from "../../lab/plugins/tls/self-signed-cert";
import { stateId } from "../../lab/plugins/tls/key-material";
import type { Known } from "../../lab/plugins/wire/resource";
import { isSecret, UNKNOWN, type Props } from "../../lab/plugins/wire/values";
import { call, checked, created, difference, failure, open } from "./support/calls";
import { opensslRefuses, opensslText } from "./support/openssl";

const P256: Props = { algorithm: "ECDSA", ecdsaCurve: "P256" };

describe("plugins: tls certificates", function () {
  this.timeout(20_000);
  const keys = new Map<string, string>();
  const key = (name: string): string => keys.get(name) ?? "";
  let ca: Known;

  const caInputs = (more: Props = {}): Props => ({
    privateKeyPem: key("ca"),
    isCaCertificate: true,
    validityPeriodHours: 87600,
    allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
    subject: { commonName: "kubernetes-ca", organization: "ha & co" },
    ...more,
  });
  const request = (more: Props = {}): Promise<Known> => created(certRequest, { privateKeyPem: key("leaf"), ...more });
  const leafInputs = async (csr: Props, more: Props = {}): Promise<Props> => ({
    caCertPem: open(ca)["certPem"] ?? null,
    caPrivateKeyPem: key("ca"),
    certRequestPem: open(await request(csr))["certRequestPem"] ?? null,
    validityPeriodHours: 8760,
    allowedUses: ["digital_signature", "key_encipherment", "server_auth", "client_auth"],
    ...more,
  });
  const leaf = async (csr: Props, more: Props = {}): Promise<Known> => created(locallySignedCert, await leafInputs(csr, more));
  const text = (known: Known): string => opensslText("x509", String(open(known)["certPem"]));

  before(async () => {
    for (const [name, inputs] of Object.entries({ ca: P256, leaf: P256, rsa: { algorithm: "RSA" }, ed: { algorithm: "ED25519" } })) {
      keys.set(name, String(open(await created(privateKey, inputs))["privateKeyPem"]));
    }
    ca = await created(selfSignedCert, caInputs());
  });

  describe("SelfSignedCert", () => {
    it("makes a CA as Kubernetes wants it", () => {
      const seen = text(ca);
      assert.match(seen, /Basic Constraints: critical\s+CA:TRUE\n/);
      assert.match(seen, /Key Usage: critical\s+Digital Signature, Certificate Sign, CRL Sign\n/);
      assert.match(seen, /Subject Key Identifier:/);
      assert.doesNotMatch(seen, /Authority Key Identifier/);
      assert.match(seen, /Subject: O = ha & co, CN = kubernetes-ca\n/);
      assert.match(seen, /Signature Algorithm: ecdsa-with-SHA256/);
    });

    it("gives its own key id as the issuer's when asked, and only if it has one", async () => {
      const seen = text(await created(selfSignedCert, caInputs({ setAuthorityKeyId: true })));
      const [own] = /Subject Key Identifier:\s+(\S+)/.exec(seen)?.slice(1) ?? [];
      const [issuer] = /Authority Key Identifier:\s+(\S+)/.exec(seen)?.slice(1) ?? [];
      assert.equal(own, issuer);
      const bare = { isCaCertificate: false, setAuthorityKeyId: true };
      assert.match(await failure(created(selfSignedCert, caInputs(bare))), /Could not determine Authority Key Identifier/);
    });

    it("wants a subject for a CA, and makes the alternative names critical where there is none", async () => {
      const none = { subject: null };
      assert.match(await failure(created(selfSignedCert, caInputs(none))), /at least one Distinguished Name/);
      const known = await created(selfSignedCert, caInputs({ ...none, isCaCertificate: false, dnsNames: ["a"] }));
      assert.match(text(known), /Subject Alternative Name: critical\s+DNS:a\n/);
    });

    it("carries a path length, but loses 0 as the official one does", async () => {
      assert.match(text(await created(selfSignedCert, caInputs({ maxPathLength: 2 }))), /CA:TRUE, pathlen:2/);
      assert.doesNotMatch(text(await created(selfSignedCert, caInputs({ maxPathLength: 0 }))), /pathlen/);
      const leafOne = caInputs({ maxPathLength: 1, isCaCertificate: false });
      assert.match(await failure(created(selfSignedCert, leafOne)), /only CAs are allowed to specify MaxPathLen/);
    });

    for (const [name, algorithm, signature] of [
      ["rsa", "RSA", /sha256WithRSAEncryption/],
      ["ed", "ED25519", /ED25519/],
    ] as const) {
      it(`signs with ${algorithm}`, async () => {
        const known = await created(selfSignedCert, caInputs({ privateKeyPem: key(name) }));
        assert.equal(open(known)["keyAlgorithm"], algorithm);
        assert.match(text(known), signature);
        const pem = String(open(known)["certPem"]);
        assert.equal(opensslRefuses(pem, pem), "");
      });
    }
  });

  describe("CertRequest", () => {
    it("asks for names, addresses and URIs, and is signed by its key", async () => {
      const known = await request({
        subject: {
          commonName: "system:node:worker-1",
          organization: "system:nodes",
          organizationalUnit: "ü",
          country: "DE",
          locality: "L",
          province: "P",
          streetAddresses: ["S"],
          postalCode: "1",
          serialNumber: "7",
          emailAddress: "a@b",
        },
        dnsNames: ["etcd-1", "*.etcd.local"],
        ipAddresses: ["10.0.0.1", "fd00::1"],
        uris: ["spiffe://x/y"],
      });
      const seen = opensslText("req", String(open(known)["certRequestPem"]));
      assert.match(seen, /Subject: C = DE, O = system:nodes, OU = \\C3\\BC, L = L, ST = P, street = S, postalCode = 1, CN = system:node:worker-1, serialNumber = 7, emailAddress = a@b/);
      assert.match(seen, /DNS:etcd-1, DNS:\*\.etcd\.local, IP Address:10\.0\.0\.1, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe:\/\/x\/y/);
      assert.equal(open(known)["keyAlgorithm"], "ECDSA");
      const der = Buffer.from(String(open(known)["certRequestPem"]).replace(/-----.*-----/g, ""), "base64");
      assert.equal(known.id, stateId(der));
      assert.equal(isSecret(known.state["privateKeyPem"]), true);
      assert.equal(isSecret(known.state["certRequestPem"]), false);
    });

    it("is replaced by every input, by one that isn't known yet too", async () => {
      const known = await request({ dnsNames: ["a"], subject: { commonName: "c" } });
      const changed = (more: Props) =>
        difference(certRequest, known, { privateKeyPem: key("leaf"), dnsNames: ["a"], subject: { commonName: "c" }, ...more });
      assert.deepEqual(changed({}), { changes: {}, replaces: [] });
      assert.deepEqual(changed({ dnsNames: ["a", "b"] }), { changes: { "dnsNames[1]": "add" }, replaces: ["dnsNames"] });
      assert.deepEqual(changed({ subject: { commonName: "d" } }), { changes: { "subject.commonName": "update" }, replaces: ["subject"] });
      assert.deepEqual(changed({ ipAddresses: ["1.1.1.1"] }).replaces, ["ipAddresses"]);
      assert.deepEqual(changed({ privateKeyPem: UNKNOWN }).replaces, ["privateKeyPem"]);
    });

    it("says what it can't read", async () => {
      assert.match(await failure(request({ ipAddresses: ["10.0.0.300"] })), /Invalid IP address: Failed to parse "10.0.0.300"/);
      assert.match(await failure(request({ privateKeyPem: "x" })), /Failed to parse private key PEM/);
      const openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
      assert.match(await failure(request({ privateKeyPem: openssh })), /unsupported PEM preamble/);
    });
  });

  describe("LocallySignedCert", () => {
    it("is taken by openssl for its purposes, and for no others", async () => {
      const known = await leaf({ subject: { commonName: "etcd-1" }, dnsNames: ["etcd-1"], ipAddresses: ["10.0.0.1"] });
      const [caPem, pem] = [String(open(ca)["certPem"]), String(open(known)["certPem"])];
      assert.equal(opensslRefuses(caPem, pem, "-purpose", "sslserver", "-verify_ip", "10.0.0.1"), "");
      assert.equal(opensslRefuses(caPem, pem, "-purpose", "sslclient", "-verify_hostname", "etcd-1"), "");
      assert.match(opensslRefuses(caPem, pem, "-verify_ip", "10.0.0.2"), /IP address mismatch/i);
      const server = await leaf({ subject: { commonName: "s" } }, { allowedUses: ["digital_signature", "server_auth"] });
      assert.match(opensslRefuses(caPem, String(open(server)["certPem"]), "-purpose", "sslclient"), /purpose/);
      const certificate = new X509Certificate(pem);
      assert.equal(certificate.verify(new X509Certificate(caPem).publicKey), true);
      assert.equal(certificate.checkIssued(new X509Certificate(caPem)), true);
    });

    it("takes subject and names from the request, an e-mail address excepted", async () => {
      const seen = text(
        await leaf({ subject: { commonName: "n", organization: "system:masters", emailAddress: "a@b" }, uris: ["x://y"], dnsNames: ["d"] }),
      );
      assert.match(seen, /Subject: O = system:masters, CN = n\n/);
      assert.match(seen, /Issuer: O = ha & co, CN = kubernetes-ca\n/);
      assert.match(seen, /Subject Alternative Name:\s+DNS:d, URI:x:\/\/y\n/);
      assert.match(seen, /Basic Constraints: critical\s+CA:FALSE/);
    });

    it("names the issuer's key always, its own only when asked", async () => {
      const [caKeyId] = /Subject Key Identifier:\s+(\S+)/.exec(text(ca))?.slice(1) ?? [];
      const seen = text(await leaf({ subject: { commonName: "n" } }));
      assert.match(seen, new RegExp(`Authority Key Identifier:\\s+${caKeyId}`));
      assert.doesNotMatch(seen, /Subject Key Identifier/);
      assert.match(text(await leaf({ subject: { commonName: "n" } }, { setSubjectKeyId: true })), /Subject Key Identifier/);
    });

    it("signs an intermediate CA that signs on", async () => {
      const uses = { allowedUses: ["cert_signing"], isCaCertificate: true };
      const middle = await leaf({ subject: { commonName: "middle" } }, uses);
      const middleInputs = await leafInputs({ subject: { commonName: "end" }, privateKeyPem: key("rsa") });
      const end = await created(locallySignedCert, {
        ...middleInputs,
        caCertPem: open(middle)["certPem"] ?? null,
        caPrivateKeyPem: key("leaf"),
      });
      const bundle = String(open(ca)["certPem"]) + String(open(middle)["certPem"]);
      assert.equal(opensslRefuses(bundle, String(open(end)["certPem"])), "");
      assert.equal(open(end)["caKeyAlgorithm"], "ECDSA");
    });

    it("has the serial number as id, and whole seconds of the hours asked for", async () => {
      const known = await leaf({ subject: { commonName: "n" } });
      const certificate = new X509Certificate(String(open(known)["certPem"]));
      assert.equal(BigInt(`0x${certificate.serialNumber}`).toString(), known.id);
      assert.ok(BigInt(known.id) < 1n << 128n);
      assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 8760 * 3_600_000);
      const start = Date.parse(String(open(known)["validityStartTime"]));
      assert.ok(start - Date.parse(certificate.validFrom) < 1000 && Math.abs(Date.now() - start) < 60_000);
      const ids = new Set([known.id, (await leaf({})).id, (await leaf({})).id]);
      assert.equal(ids.size, 3);
    });

    it("maps every use to its bit or purpose", async () => {
      const allowedUses = [
        "any_extended", "cert_signing", "client_auth", "code_signing", "content_commitment", "crl_signing",
        "data_encipherment", "decipher_only", "digital_signature", "email_protection", "encipher_only",
        "ipsec_end_system", "ipsec_tunnel", "ipsec_user", "key_agreement", "key_encipherment",
        "microsoft_commercial_code_signing", "microsoft_kernel_code_signing", "microsoft_server_gated_crypto",
        "netscape_server_gated_crypto", "ocsp_signing", "server_auth", "timestamping",
      ];
      const seen = text(await leaf({ subject: { commonName: "n" } }, { allowedUses }));
      assert.match(seen, /Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment, Key Agreement, Certificate Sign, CRL Sign, Encipher Only, Decipher Only/);
      assert.match(seen, /Any Extended Key Usage, TLS Web Client Authentication, Code Signing, E-mail Protection, IPSec End System, IPSec Tunnel, IPSec User, Microsoft Commercial Code Signing, 1\.3\.6\.1\.4\.1\.311\.61\.1\.1, Microsoft Server Gated Crypto, Netscape Server Gated Crypto, OCSP Signing, TLS Web Server Authentication, Time Stamping/);
      const refused = locallySignedCert.check(await leafInputs({}, { allowedUses: ["serverAuth"] })).failures;
      assert.deepEqual(refused.map(({ property }) => property), ["allowedUses[0]"]);
    });

    it("refuses a CA whose key is not the given one", async () => {
      assert.match(await failure(leaf({}, { caPrivateKeyPem: key("rsa") })), /provided PrivateKey doesn't match parent's PublicKey/);
      assert.match(await failure(leaf({}, { certRequestPem: open(ca)["certPem"] ?? null })), /expected "CERTIFICATE REQUEST", got "CERTIFICATE"/);
    });
  });

  describe("renewal", () => {
    it("replaces once the early time has come, and not an hour before", async () => {
      const inputs = await leafInputs({ subject: { commonName: "n" } }, { validityPeriodHours: 48, earlyRenewalHours: 24 });
      const known = await created(locallySignedCert, inputs);
      assert.equal(known.state["readyForRenewal"], false);
      const aged = (hoursLeft: number): Known => ({
        ...known,
        state: { ...known.state, validityEndTime: new Date(Date.now() + hoursLeft * 3_600_000).toISOString() },
      });
      assert.deepEqual(difference(locallySignedCert, aged(25), inputs), { changes: {}, replaces: [] });
      assert.deepEqual(difference(locallySignedCert, aged(23), inputs), {
        changes: { readyForRenewal: "update" },
        replaces: ["readyForRenewal"],
      });
      assert.equal(locallySignedCert.refresh?.(aged(25))["readyForRenewal"], false);
      assert.equal(locallySignedCert.refresh?.(aged(23))["readyForRenewal"], true);
    });

    it("notes a changed early time in place, unless that time has come by it", async () => {
      const inputs = await leafInputs({ subject: { commonName: "n" } });
      const known = await created(locallySignedCert, inputs);
      const news = { ...inputs, earlyRenewalHours: 24 };
      assert.deepEqual(difference(locallySignedCert, known, news), { changes: { earlyRenewalHours: "update" }, replaces: [] });
      const state = await locallySignedCert.update(known, checked(locallySignedCert, news), call());
      assert.equal(state["earlyRenewalHours"], 24);
      assert.equal(state["certPem"], known.state["certPem"]);
      assert.deepEqual(difference(locallySignedCert, known, { ...inputs, earlyRenewalHours: 9000 }).replaces, ["readyForRenewal"]);
    });

    it("is born ready when its time is over at once", async () => {
      const known = await created(selfSignedCert, caInputs({ validityPeriodHours: 1, earlyRenewalHours: 1 }));
      assert.equal(known.state["readyForRenewal"], true);
      assert.deepEqual(difference(selfSignedCert, known, known.inputs).replaces, ["readyForRenewal"]);
    });

    it("is replaced by all other inputs; a path length stays when it is no longer given", async () => {
      const known = await created(selfSignedCert, caInputs({ maxPathLength: 1 }));
      assert.deepEqual(difference(selfSignedCert, known, caInputs()), { changes: {}, replaces: [] });
      const others: Props[] = [{ validityPeriodHours: 1000 }, { allowedUses: [] }, { maxPathLength: 3 }, { setSubjectKeyId: true }];
      for (const more of others) {
        assert.deepEqual(difference(selfSignedCert, known, caInputs({ maxPathLength: 1, ...more })).replaces, Object.keys(more));
      }
    });
  });
});
