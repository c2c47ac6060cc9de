import { strict as assert } from "node:assert";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../../lab/run";
import { storedResources } from "../../lab/checkpoint";
import { engineOf } from "../../lab/up";
import { canariesOf, leaks } from "./canaries";
import { failingUp, kubectl, lab, on, progress, ready, saveKubeconfig, state, up } from "./support";

describe("build, external etcd", () => {
  before(() => ready({ topology: "external", masters: 3, workers: 3 }));

  it("says what is wrong with two hosts, within a minute each, and who holds the port", async () => {
    await on("e1", "mkdir -p /var/lib/etcd/member");
    await on("m3", "systemd-run --collect --unit=squatter socat TCP-LISTEN:6443,fork,reuseaddr EXEC:true");
    const left = new Map([
      [
        /e1: \/var\/lib\/etcd\/member exists already\. Likely cause: .*earlier life\. Next: .*rm -rf/,
        () => on("e1", "rmdir /var/lib/etcd/member"),
      ],
      [
        /m3: port 6443 is in use by socat\. Likely cause: .*\. Next: stop it/,
        () => on("m3", "systemctl stop squatter"),
      ],
    ]);
    // The engine begins nothing new after a failure: which of the two it meets first is not said.
    while (left.size > 0) {
      const { errors, seconds } = await failingUp();
      const found = [...left].filter(([pattern]) => pattern.test(errors));
      assert(found.length > 0, errors);
      assert(seconds < 60, `it took ${seconds} s`);
      for (const [pattern, cure] of found) {
        await cure();
        left.delete(pattern);
      }
    }
  });

  it("finishes with a plain rerun and passes its checks", async () => {
    const { steps } = await up();
    const check = steps.find((step) => step.name === "lab-master-m1-check");
    assert(check?.parts, "the checks ran and reported");
    assert(!/^fail/m.test(check.parts), check.parts);
    await saveKubeconfig();
  });

  it("changes nothing the second time", async () => {
    const { changes } = await up();
    assert.deepEqual(Object.keys(changes), ["same"]);
  });

  it("has its DNS on two nodes, so that no host's loss takes it", async () => {
    const pods = ["-n", "kube-system", "get", "pods", "-l", "k8s-app=kube-dns"];
    const nodes = await kubectl(...pods, "-o", "jsonpath={.items[*].spec.nodeName}");
    assert.equal(new Set(nodes.split(" ")).size, 2, nodes);
  });

  it("shows etcd's metrics to its own hosts and pods, and to nobody else", async () => {
    const foreign = "172.31.0.1";
    const read = (options = "") =>
      `curl -fsS --max-time 2 ${options} -o /dev/null http://192.168.10.201:2381/metrics`;
    await on("w1", read());
    await on("w1", `ip address add ${foreign}/32 dev lo`);
    await on("e1", `ip route add ${foreign}/32 via 192.168.10.111`);
    try {
      await assert.rejects(on("w1", read(`--interface ${foreign}`)), /timed out/);
      await on("e1", "nft delete table inet ha_kubernetes");
      await on("w1", read(`--interface ${foreign}`));
    } finally {
      await on("e1", `systemctl restart ha-kubernetes-firewall.service; ip route del ${foreign}/32`);
      await on("w1", `ip address del ${foreign}/32 dev lo`);
    }
  });

  it("has every node Ready at the declared version", async () => {
    const nodes = await kubectl(
      "get",
      "nodes",
      "-o",
      'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\\n"}{end}',
    );
    assert.deepEqual(
      nodes.trim().split("\n").sort(),
      ["m1", "m2", "m3", "w1", "w2", "w3"].map((name) => `${name} v1.36.4`),
    );
  });

  it("leaves no live join token", async () => {
    assert.equal(
      await kubectl(
        "-n",
        "kube-system",
        "get",
        "secrets",
        "--field-selector=type=bootstrap.kubernetes.io/token",
        "-o",
        "name",
      ),
      "",
    );
  });

  it("holds Secrets encrypted in etcd", async () => {
    await kubectl("create", "secret", "generic", "canary", "--from-literal=word=plainly-readable");
    const raw = await on(
      "e1",
      "set -a; . /etc/etcd/etcdctl.env; etcdctl get /registry/secrets/default/canary | tr -d '\\0' | base64 -w0",
    );
    const stored = Buffer.from(raw, "base64").toString("latin1");
    assert(stored.includes("k8s:enc:secretbox:v1:key1:"), stored.slice(0, 80));
    assert(!stored.includes("plainly-readable"));
    await kubectl("delete", "secret", "canary");
  });

  it("lets nobody in without a name, except on the health paths", async () => {
    const ask = (path: string) =>
      on("w1", `curl -sk -o /dev/null -w '%{http_code}' https://192.168.10.100:6443${path}`);
    assert.equal(await ask("/readyz"), "200");
    assert.equal(await ask("/api/v1/namespaces"), "401");
    assert.equal(await ask("/version"), "401");
  });

  it("keeps private keys for root alone, and only where they are needed", async () => {
    const open = "find /etc/kubernetes /etc/etcd /var/lib/kubelet -name '*.key' -perm /077 2>/dev/null; true";
    assert.equal(await on("m1", open), "");
    assert.equal(await on("e1", open), "");
    assert.equal(
      await on("w1", "find / -xdev -name '*ca.key' 2>/dev/null; ls /run/ha-kubernetes 2>/dev/null; true"),
      "",
    );
    assert.equal(await on("e1", "find / -xdev -name '*ca.key' 2>/dev/null; true"), "");
  });

  it("verifies every kubelet by the cluster's CA", async () => {
    const manifest = await on("m1", "cat /etc/kubernetes/manifests/kube-apiserver.yaml");
    assert.match(manifest, /--kubelet-certificate-authority=/);
    const issuer = await on(
      "w1",
      "openssl x509 -noout -issuer -in /var/lib/kubelet/pki/kubelet-server-current.pem",
    );
    assert.match(issuer, /CN ?= ?kubernetes/);
  });

  it("stores at most 3 commands and 8 KB of a worker in its packed state", async () => {
    const resources = await storedResources(lab);
    const ofWorker = resources.filter(({ urn }) => urn.includes("::lab-worker-w1"));
    assert.equal(ofWorker.filter(({ type }) => type.startsWith("command:")).length, 3);
    const packed = (some: typeof resources) => gzipSync(JSON.stringify(some)).length;
    const bytes = packed(resources) - packed(resources.filter((resource) => !ofWorker.includes(resource)));
    progress.say(`a worker in the state: ${JSON.stringify(ofWorker).length} bytes, packed ${bytes}`);
    assert(bytes > 1000 && bytes <= 8192, `${bytes} bytes`);
  });

  it("keeps its secrets out of state, logs and files that others may read", async () => {
    const { text } = await state();
    assert(!/PRIVATE KEY/.test(text));
    const password = await (
      await engineOf(lab)
    ).pulumi(["stack", "output", "--show-secrets", "statsPassword"]);
    assert(password.length >= 16);
    assert(!text.includes(password));
    assert.equal((await stat(join(lab.dir, "passphrase"))).mode & 0o077, 0);
    const key = await readFile(join(lab.dir, "ssh", "id_ed25519"), "utf8");
    const canaries = canariesOf({ "stats password": password, "ssh key": key });
    assert.deepEqual(await leaks(canaries, ["e1", "m1", "lb1", "w1"]), []);
  });

  it("hands kubectl's exit code on and keeps standard output clean", async () => {
    const out = await run(
      "npm",
      ["run", "--silent", "lab", "--", "kubectl", "get", "node", "w1", "-o", "name"],
      { cwd: lab.root },
    );
    assert.equal(out, "node/w1");
    await assert.rejects(
      run("npm", ["run", "--silent", "lab", "--", "kubectl", "get", "node", "nobody"], { cwd: lab.root }),
      (error: { code?: number }) => error.code === 1,
    );
    assert.equal(
      await run("npm", ["run", "--silent", "lab", "--", "ssh", "m1", "hostname"], { cwd: lab.root }),
      "m1",
    );
  });

  it("keeps the working tree clean", async () => {
    assert.equal(
      await run("git", ["status", "--porcelain", "--ignored=no", "Pulumi.lab.yaml", ".lab"], {
        cwd: lab.root,
      }),
      "",
    );
  });
});
