/** The three resources of certificates, judged by openssl and node:crypto; Go's own verdict is the cluster's start. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { certRequest } from "../../lab/plugins/tls/cert-request";
import { stateId } from "../../lab/plugins/tls/key-material";
import { locallySignedCert } from "../../lab/plugins/tls/locally-signed-cert";
import { selfSignedCert } from "../../lab/plugins/tls/self-signed-cert";
import { isSecret, UNKNOWN, type Props } from "../../lab/plugins/wire/values";
import { created, difference, failure, open } from "./support/calls";
import { opensslRefuses, opensslText } from "./support/openssl";
import { certificateText, testPki, type TestPki } from "./support/pki";

describe("plugins: tls certificates", function () {
  let pki: TestPki;
  before(async () => {
    pki = await testPki();
  });

  describe("SelfSignedCert", () => {
    it("makes a CA as Kubernetes wants it", () => {
      const seen = certificateText(pki.ca);
      assert.match(seen, /Basic Constraints: critical\s+CA:TRUE\n/);
      assert.match(seen, /Key Usage: critical\s+Digital Signature, Certificate Sign, CRL Sign\n/);
      assert.match(seen, /Subject Key Identifier:/);
      assert.doesNotMatch(seen, /Authority Key Identifier/);
      assert.match(seen, /Subject: O = ha & co, CN = kubernetes-ca\n/);
      assert.match(seen, /Signature Algorithm: ecdsa-with-SHA256/);
    });

    it("gives its own key id as the issuer's when asked, and only if it has one", async () => {
      const seen = certificateText(await created(selfSignedCert, pki.caInputs({ setAuthorityKeyId: true })));
      const [own] = /Subject Key Identifier:\s+(\S+)/.exec(seen)?.slice(1) ?? [];
      const [issuer] = /Authority Key Identifier:\s+(\S+)/.exec(seen)?.slice(1) ?? [];
      assert.equal(own, issuer);
      const bare = { isCaCertificate: false, setAuthorityKeyId: true };
      assert.match(
        await failure(created(selfSignedCert, pki.caInputs(bare))),
        /Could not determine Authority Key Identifier/,
      );
    });

    it("wants a subject for a CA, and makes the alternative names critical where there is none", async () => {
      const none = { subject: null };
      assert.match(
        await failure(created(selfSignedCert, pki.caInputs(none))),
        /at least one Distinguished Name/,
      );
      const known = await created(
        selfSignedCert,
        pki.caInputs({ ...none, isCaCertificate: false, dnsNames: ["a"] }),
      );
      assert.match(certificateText(known), /Subject Alternative Name: critical\s+DNS:a\n/);
    });

    it("carries a path length, but loses 0 as the official one does", async () => {
      assert.match(
        certificateText(await created(selfSignedCert, pki.caInputs({ maxPathLength: 2 }))),
        /CA:TRUE, pathlen:2/,
      );
      assert.doesNotMatch(
        certificateText(await created(selfSignedCert, pki.caInputs({ maxPathLength: 0 }))),
        /pathlen/,
      );
      const leafOne = pki.caInputs({ maxPathLength: 1, isCaCertificate: false });
      assert.match(
        await failure(created(selfSignedCert, leafOne)),
        /only CAs are allowed to specify MaxPathLen/,
      );
    });

    for (const [name, algorithm, signature] of [
      ["rsa", "RSA", /sha256WithRSAEncryption/],
      ["ed", "ED25519", /ED25519/],
    ] as const) {
      it(`signs with ${algorithm}`, async () => {
        const known = await created(selfSignedCert, pki.caInputs({ privateKeyPem: pki.key(name) }));
        assert.equal(open(known)["keyAlgorithm"], algorithm);
        assert.match(certificateText(known), signature);
        const pem = String(open(known)["certPem"]);
        assert.equal(opensslRefuses(pem, pem), "");
      });
    }
  });

  describe("CertRequest", () => {
    it("asks for names, addresses and URIs, and is signed by its key", async () => {
      const known = await pki.request({
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
      assert.match(
        seen,
        /Subject: C = DE, O = system:nodes, OU = \\C3\\BC, L = L, ST = P, street = S, postalCode = 1, CN = system:node:worker-1, serialNumber = 7, emailAddress = a@b/,
      );
      assert.match(
        seen,
        /DNS:etcd-1, DNS:\*\.etcd\.local, IP Address:10\.0\.0\.1, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe:\/\/x\/y/,
      );
      assert.equal(open(known)["keyAlgorithm"], "ECDSA");
      const der = Buffer.from(String(open(known)["certRequestPem"]).replace(/-----.*-----/g, ""), "base64");
      assert.equal(known.id, stateId(der));
      assert.equal(isSecret(known.state["privateKeyPem"]), true);
      assert.equal(isSecret(known.state["certRequestPem"]), false);
    });

    it("is replaced by every input, by one that isn't known yet too", async () => {
      const known = await pki.request({ dnsNames: ["a"], subject: { commonName: "c" } });
      const changed = (more: Props) =>
        difference(certRequest, known, {
          privateKeyPem: pki.key("leaf"),
          dnsNames: ["a"],
          subject: { commonName: "c" },
          ...more,
        });
      assert.deepEqual(changed({}), { changes: {}, replaces: [] });
      assert.deepEqual(changed({ dnsNames: ["a", "b"] }), {
        changes: { "dnsNames[1]": "add" },
        replaces: ["dnsNames"],
      });
      assert.deepEqual(changed({ subject: { commonName: "d" } }), {
        changes: { "subject.commonName": "update" },
        replaces: ["subject"],
      });
      assert.deepEqual(changed({ ipAddresses: ["1.1.1.1"] }).replaces, ["ipAddresses"]);
      assert.deepEqual(changed({ privateKeyPem: UNKNOWN }).replaces, ["privateKeyPem"]);
    });

    it("says what it can't read", async () => {
      assert.match(
        await failure(pki.request({ ipAddresses: ["10.0.0.300"] })),
        /Invalid IP address: Failed to parse "10.0.0.300"/,
      );
      assert.match(await failure(pki.request({ privateKeyPem: "x" })), /Failed to parse private key PEM/);
      const openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
      assert.match(await failure(pki.request({ privateKeyPem: openssh })), /unsupported PEM preamble/);
    });
  });

  describe("LocallySignedCert", () => {
    it("is taken by openssl for its purposes, and for no others", async () => {
      const known = await pki.leaf({
        subject: { commonName: "etcd-1" },
        dnsNames: ["etcd-1"],
        ipAddresses: ["10.0.0.1"],
      });
      const [caPem, pem] = [String(open(pki.ca)["certPem"]), String(open(known)["certPem"])];
      assert.equal(opensslRefuses(caPem, pem, "-purpose", "sslserver", "-verify_ip", "10.0.0.1"), "");
      assert.equal(opensslRefuses(caPem, pem, "-purpose", "sslclient", "-verify_hostname", "etcd-1"), "");
      assert.match(opensslRefuses(caPem, pem, "-verify_ip", "10.0.0.2"), /IP address mismatch/i);
      const server = await pki.leaf(
        { subject: { commonName: "s" } },
        { allowedUses: ["digital_signature", "server_auth"] },
      );
      assert.match(
        opensslRefuses(caPem, String(open(server)["certPem"]), "-purpose", "sslclient"),
        /purpose/,
      );
      const certificate = new X509Certificate(pem);
      assert.equal(certificate.verify(new X509Certificate(caPem).publicKey), true);
      assert.equal(certificate.checkIssued(new X509Certificate(caPem)), true);
    });

    it("takes subject and names from the request, an e-mail address excepted", async () => {
      const seen = certificateText(
        await pki.leaf({
          subject: { commonName: "n", organization: "system:masters", emailAddress: "a@b" },
          uris: ["x://y"],
          dnsNames: ["d"],
        }),
      );
      assert.match(seen, /Subject: O = system:masters, CN = n\n/);
      assert.match(seen, /Issuer: O = ha & co, CN = kubernetes-ca\n/);
      assert.match(seen, /Subject Alternative Name:\s+DNS:d, URI:x:\/\/y\n/);
      assert.match(seen, /Basic Constraints: critical\s+CA:FALSE/);
    });

    it("names the issuer's key always, its own only when asked", async () => {
      const [caKeyId] = /Subject Key Identifier:\s+(\S+)/.exec(certificateText(pki.ca))?.slice(1) ?? [];
      const seen = certificateText(await pki.leaf({ subject: { commonName: "n" } }));
      assert.match(seen, new RegExp(`Authority Key Identifier:\\s+${caKeyId}`));
      assert.doesNotMatch(seen, /Subject Key Identifier/);
      assert.match(
        certificateText(await pki.leaf({ subject: { commonName: "n" } }, { setSubjectKeyId: true })),
        /Subject Key Identifier/,
      );
    });

    it("signs an intermediate CA that signs on", async () => {
      const uses = { allowedUses: ["cert_signing"], isCaCertificate: true };
      const middle = await pki.leaf({ subject: { commonName: "middle" } }, uses);
      const middleInputs = await pki.leafInputs({
        subject: { commonName: "end" },
        privateKeyPem: pki.key("rsa"),
      });
      const end = await created(locallySignedCert, {
        ...middleInputs,
        caCertPem: open(middle)["certPem"] ?? null,
        caPrivateKeyPem: pki.key("leaf"),
      });
      const bundle = String(open(pki.ca)["certPem"]) + String(open(middle)["certPem"]);
      assert.equal(opensslRefuses(bundle, String(open(end)["certPem"])), "");
      assert.equal(open(end)["caKeyAlgorithm"], "ECDSA");
    });

    it("has the serial number as id, and whole seconds of the hours asked for", async () => {
      const known = await pki.leaf({ subject: { commonName: "n" } });
      const certificate = new X509Certificate(String(open(known)["certPem"]));
      assert.equal(BigInt(`0x${certificate.serialNumber}`).toString(), known.id);
      assert.ok(BigInt(known.id) < 1n << 128n);
      assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 8760 * 3_600_000);
      const start = Date.parse(String(open(known)["validityStartTime"]));
      assert.ok(start - Date.parse(certificate.validFrom) < 1000 && Math.abs(Date.now() - start) < 60_000);
      const ids = new Set([known.id, (await pki.leaf({})).id, (await pki.leaf({})).id]);
      assert.equal(ids.size, 3);
    });

    it("maps every use to its bit or purpose", async () => {
      const allowedUses = [
        "any_extended",
        "cert_signing",
        "client_auth",
        "code_signing",
        "content_commitment",
        "crl_signing",
        "data_encipherment",
        "decipher_only",
        "digital_signature",
        "email_protection",
        "encipher_only",
        "ipsec_end_system",
        "ipsec_tunnel",
        "ipsec_user",
        "key_agreement",
        "key_encipherment",
        "microsoft_commercial_code_signing",
        "microsoft_kernel_code_signing",
        "microsoft_server_gated_crypto",
        "netscape_server_gated_crypto",
        "ocsp_signing",
        "server_auth",
        "timestamping",
      ];
      const seen = certificateText(await pki.leaf({ subject: { commonName: "n" } }, { allowedUses }));
      assert.match(
        seen,
        /Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment, Key Agreement, Certificate Sign, CRL Sign, Encipher Only, Decipher Only/,
      );
      assert.match(
        seen,
        /Any Extended Key Usage, TLS Web Client Authentication, Code Signing, E-mail Protection, IPSec End System, IPSec Tunnel, IPSec User, Microsoft Commercial Code Signing, 1\.3\.6\.1\.4\.1\.311\.61\.1\.1, Microsoft Server Gated Crypto, Netscape Server Gated Crypto, OCSP Signing, TLS Web Server Authentication, Time Stamping/,
      );
      const refused = locallySignedCert.check(
        await pki.leafInputs({}, { allowedUses: ["serverAuth"] }),
      ).failures;
      assert.deepEqual(
        refused.map(({ property }) => property),
        ["allowedUses[0]"],
      );
    });

    it("refuses a CA whose key is not the given one", async () => {
      assert.match(
        await failure(pki.leaf({}, { caPrivateKeyPem: pki.key("rsa") })),
        /provided PrivateKey doesn't match parent's PublicKey/,
      );
      assert.match(
        await failure(pki.leaf({}, { certRequestPem: open(pki.ca)["certPem"] ?? null })),
        /expected "CERTIFICATE REQUEST", got "CERTIFICATE"/,
      );
    });
  });
});
