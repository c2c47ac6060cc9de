import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { need } from "../support/programs";
import { testFolder } from "../support/folder";

const APPROVER = join(__dirname, "../../../components/controlplane/scripts/approver.sh");

/** Nodes as the API gives them, for the addresses that a request may have. */
const NODES = [
  "worker-1 192.0.2.1 10.96.0.1 192.0.2.100 worker-1",
  "worker-2 192.0.2.2 worker-2",
  "shared-1 192.0.2.9 shared-1",
  "shared-2 192.0.2.9 shared-2",
  "k8s-api.example.com 192.0.2.3",
].join("\n");

/** What no node may ask for, though it says itself which addresses it has. */
const RESERVED = "services 10.96.0.0/12\n192.0.2.100\nk8s-api.example.com\n";

describe("approver of the kubelets' serving certificates", () => {
  const folder = testFolder();
  before(function () {
    need(this, "openssl", "bash");
  });

  const csr = (subject: string, names: string, more: string[] = []) => {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"];
    const extra = [...(names ? [`subjectAltName=${names}`] : []), ...more].flatMap((one) => ["-addext", one]);
    return execFileSync("openssl", ["req", "-new", ...key, "-subj", subject, ...extra], {
      stdio: ["ignore", "pipe", "ignore"],
    });
  };
  /** Names of the requests that were approved, when this one comes. */
  const approved = (user: string, request: Buffer, conditions = "") => {
    const line = ["csr-1", user, request.toString("base64"), conditions].join("|");
    writeFileSync(join(folder(), "line"), `${line}\n`);
    writeFileSync(join(folder(), "nodes"), NODES);
    const kubectl = `#!/bin/bash
cd ${folder()}
case "$*" in
"get csr --field-selector "*) cat line ;;
"get csr csr-1 "*) ;;
"get nodes "*) cat nodes ;;
"certificate approve "*) echo "$3" >>approved ;;
*) echo "$*" >>unknown; exit 1 ;;
esac
`;
    writeFileSync(join(folder(), "kubectl"), kubectl, { mode: 0o755 });
    writeFileSync(join(folder(), "reserved"), RESERVED);
    const script = readFileSync(APPROVER, "utf8").replaceAll(
      "/etc/kubernetes/ha/reserved",
      join(folder(), "reserved"),
    );
    writeFileSync(join(folder(), "approver.sh"), script);
    const env = { ...process.env, PATH: `${folder()}:${process.env["PATH"] ?? ""}` };
    const { status, stderr } = spawnSync("bash", [join(folder(), "approver.sh")], { env, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.ok(!existsSync(join(folder(), "unknown")), "an unknown call of kubectl");
    const file = join(folder(), "approved");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };
  const subject = "/O=system:nodes/CN=system:node:worker-1";
  const names = "DNS:worker-1,IP:192.0.2.1";

  it("approves what a node asks for itself", () => {
    assert.equal(approved("system:node:worker-1", csr(subject, names)), "csr-1\n");
  });

  const refused: Record<string, [string, () => Buffer]> = {
    "another node's name": ["system:node:worker-2", () => csr(subject, names)],
    "another node's address": ["system:node:worker-1", () => csr(subject, "DNS:worker-1,IP:192.0.2.2")],
    "an address that no node has": [
      "system:node:worker-1",
      () => csr(subject, "DNS:worker-1,IP:192.0.2.100"),
    ],
    "a further name": ["system:node:worker-1", () => csr(subject, "DNS:worker-1,DNS:k8s-api.example.com")],
    "a user who is no node, but is called as one": ["worker-1", () => csr(subject, names)],
    "another group": ["system:node:worker-1", () => csr("/O=system:masters/CN=system:node:worker-1", names)],
    "the endpoint's address, which it says it has": [
      "system:node:worker-1",
      () => csr(subject, "IP:192.0.2.100"),
    ],
    "an address of the service network, which it says it has": [
      "system:node:worker-1",
      () => csr(subject, "DNS:worker-1,IP:10.96.0.1"),
    ],
    "the endpoint's name, under which it joined": [
      "system:node:k8s-api.example.com",
      () => csr("/O=system:nodes/CN=system:node:k8s-api.example.com", "DNS:k8s-api.example.com"),
    ],
    "an address that two nodes have": [
      "system:node:shared-1",
      () => csr("/O=system:nodes/CN=system:node:shared-1", "IP:192.0.2.9"),
    ],
    "no name at all": ["system:node:worker-1", () => csr(subject, "")],
    "a line that looks like a list of names": [
      "system:node:worker-1",
      () =>
        csr(subject, "DNS:worker-1,DNS:evil.example.com", [
          "1.2.3.4=ASN1:UTF8String:X509v3 Subject Alternative Name: \\nDNS:worker-1",
        ]),
    ],
    "a further group": [
      "system:node:worker-1",
      () => csr("/O=system:nodes/O=system:masters/CN=system:node:worker-1", names),
    ],
    "a name that begins like its own": [
      "system:node:worker-1",
      () => csr("/O=system:nodes/CN=system:node:worker-11", names),
    ],
  };
  for (const [title, [user, request]] of Object.entries(refused)) {
    it(`refuses ${title}`, () => {
      assert.equal(approved(user, request()), "");
    });
  }

  it("looks at no request that was judged already", () => {
    assert.equal(approved("system:node:worker-1", csr(subject, names), "Denied"), "");
  });
});
