/** `tls.PrivateKey`, its renderings judged by openssl, ssh-keygen and node:crypto. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { privateKey } from "../../lab/plugins/tls/private-key";
import { isSecret, UNKNOWN, type Props } from "../../lab/plugins/wire/values";
import { created, difference, open } from "./support/calls";
import { opensslText } from "./support/openssl";

const SECRETS = ["privateKeyPem", "privateKeyOpenssh", "privateKeyPemPkcs8"];

describe("plugins: tls.PrivateKey", function () {
  const kinds: { title: string; inputs: Props; preamble: string; seen: RegExp }[] = [
    { title: "RSA", inputs: { algorithm: "RSA" }, preamble: "RSA PRIVATE KEY", seen: /2048 bit/ },
    {
      title: "P256",
      inputs: { algorithm: "ECDSA", ecdsaCurve: "P256" },
      preamble: "EC PRIVATE KEY",
      seen: /prime256v1/,
    },
    {
      title: "P384",
      inputs: { algorithm: "ECDSA", ecdsaCurve: "P384" },
      preamble: "EC PRIVATE KEY",
      seen: /secp384r1/,
    },
    {
      title: "P521",
      inputs: { algorithm: "ECDSA", ecdsaCurve: "P521" },
      preamble: "EC PRIVATE KEY",
      seen: /secp521r1/,
    },
    { title: "ED25519", inputs: { algorithm: "ED25519" }, preamble: "PRIVATE KEY", seen: /ED25519/ },
  ];
  for (const { title, inputs, preamble, seen } of kinds) {
    it(`renders ${title} in every form, all of the same key`, async () => {
      const known = await created(privateKey, inputs);
      const state = open(known);
      const text = (name: string): string => String(state[name]);
      assert.ok(text("privateKeyPem").startsWith(`-----BEGIN ${preamble}-----\n`));
      assert.ok(text("privateKeyPemPkcs8").startsWith("-----BEGIN PRIVATE KEY-----\n"));
      assert.match(opensslText("pkey", text("privateKeyPem")), seen);
      const spki = createPublicKey(text("publicKeyPem")).export({ type: "spki", format: "der" });
      for (const form of ["privateKeyPem", "privateKeyPemPkcs8"]) {
        const derived = createPublicKey(createPrivateKey(text(form)));
        assert.ok(derived.export({ type: "spki", format: "der" }).equals(spki), form);
      }
      assert.equal(known.id, createHash("sha1").update(trimmed(spki)).digest("hex"));

      const ssh = sshKeygen(text("privateKeyOpenssh"));
      assert.equal(text("publicKeyOpenssh").trim(), ssh.publicKey.split(" ").slice(0, 2).join(" "));
      assert.ok(text("publicKeyOpenssh").endsWith("\n"));
      assert.equal(text("publicKeyFingerprintSha256"), ssh.sha256);
      assert.equal(`MD5:${text("publicKeyFingerprintMd5")}`, ssh.md5);
    });
  }

  it("has no ssh forms for P224, the default curve", async () => {
    const state = open(await created(privateKey, { algorithm: "ECDSA" }));
    assert.equal(state["ecdsaCurve"], "P224");
    assert.match(opensslText("pkey", String(state["privateKeyPem"])), /secp224r1/);
    for (const name of [
      "privateKeyOpenssh",
      "publicKeyOpenssh",
      "publicKeyFingerprintMd5",
      "publicKeyFingerprintSha256",
    ]) {
      assert.equal(state[name], "", name);
    }
  });

  it("marks the private forms secret and no public one, in previews too", async () => {
    for (const preview of [false, true]) {
      const { state } = await created(privateKey, { algorithm: "ED25519" }, { preview });
      for (const name of Object.keys(state))
        assert.equal(isSecret(state[name]), SECRETS.includes(name), name);
    }
  });

  it("keeps its defaults in the state and leaves what it makes open in a preview", async () => {
    const { state } = await created(privateKey, { algorithm: "RSA" }, { preview: true });
    assert.deepEqual([state["rsaBits"], state["ecdsaCurve"], state["publicKeyPem"]], [2048, "P224", UNKNOWN]);
  });

  it("is replaced by every input, and by no default spelled out", async () => {
    const known = await created(privateKey, { algorithm: "ED25519" });
    const changed = (news: Props) => difference(privateKey, known, news).replaces;
    assert.deepEqual(changed({ algorithm: "ED25519" }), []);
    assert.deepEqual(changed({ algorithm: "ED25519", rsaBits: 2048, ecdsaCurve: "P224" }), []);
    assert.deepEqual(changed({ algorithm: "RSA" }), ["algorithm"]);
    assert.deepEqual(changed({ algorithm: "ED25519", ecdsaCurve: "P256" }), ["ecdsaCurve"]);
    assert.deepEqual(changed({ algorithm: "ED25519", rsaBits: 4096 }), ["rsaBits"]);
    assert.deepEqual(changed({ algorithm: UNKNOWN }), ["algorithm"]);
  });

  it("refuses kinds and curves it does not know", () => {
    const refused = (news: Props) => privateKey.check(news).failures.map(({ property }) => property);
    assert.deepEqual(refused({}), ["algorithm"]);
    assert.deepEqual(refused({ algorithm: "ecdsa" }), ["algorithm"]);
    assert.deepEqual(refused({ algorithm: "ECDSA", ecdsaCurve: "P-256" }), ["ecdsaCurve"]);
    assert.deepEqual(refused({ algorithm: UNKNOWN, ecdsaCurve: UNKNOWN }), []);
  });
});

/** Go's strings.TrimSpace on bytes, as the provider's id wants it. */
function trimmed(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && /\s/.test(String.fromCharCode(bytes[end - 1] ?? 0)) && (bytes[end - 1] ?? 0) < 0x80)
    end--;
  return bytes.subarray(0, end);
}

function sshKeygen(key: string): { publicKey: string; sha256: string; md5: string } {
  const folder = mkdtempSync(join(tmpdir(), "plugins-key-"));
  const path = join(folder, "key");
  try {
    writeFileSync(path, key, { mode: 0o600 });
    const run = (...args: string[]) =>
      execFileSync("ssh-keygen", [...args, "-f", path], { encoding: "utf8" });
    const print = (hash: string) => run("-l", "-E", hash).split(" ")[1] ?? "";
    return { publicKey: run("-y").trim(), sha256: print("sha256"), md5: print("md5") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
