import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { parse } from "yaml";
import { ETCD_PKI, ETCD_UNIT, etcdConfig } from "../../../components/etcd/config";
import { parseCluster } from "../../../components/spec/parse";
import { serverCertificate, testCa } from "../loadbalancer/certificates";
import { need } from "../support/programs";
import { goodConfig, largeConfig } from "../spec/configs";
import { filledIn } from "../support/filled";
import { testFolder } from "../support/folder";
import { labTool } from "../support/tools";

const read = (text: string) => parse(text) as Record<string, unknown>;

describe("etcd's configuration", () => {
  const config = read(etcdConfig(parseCluster(goodConfig())));

  it("has the profile's tuning: heartbeat 100 ms, election 1000 ms, snapshot 10000, and the quota", () => {
    assert.equal(config["heartbeat-interval"], 100);
    assert.equal(config["election-timeout"], 1000);
    assert.equal(config["snapshot-count"], 10000);
    const large = parseCluster(largeConfig(50));
    assert.equal(read(etcdConfig(large))["quota-backend-bytes"], 8 * 1024 ** 3);
  });

  it("asks clients and peers for certificates of etcd's own CA", () => {
    for (const [side, kind] of [
      ["client", "server"],
      ["peer", "peer"],
    ]) {
      assert.deepEqual(config[`${side}-transport-security`], {
        "cert-file": `${ETCD_PKI}/${kind}.crt`,
        "key-file": `${ETCD_PKI}/${kind}.key`,
        "trusted-ca-file": `${ETCD_PKI}/ca.crt`,
        "client-cert-auth": true,
      });
    }
  });

  it("listens to clients and peers by TLS only, on the member's address", () => {
    assert.equal(config["listen-client-urls"], "https://@address@:2379,https://127.0.0.1:2379");
    assert.equal(config["listen-peer-urls"], "https://@address@:2380");
    assert.equal(config["listen-metrics-urls"], "http://@address@:2381");
  });

  it("names all members, in the order of the config", () => {
    assert.equal(
      config["initial-cluster"],
      [1, 2, 3].map((n) => `etcd-${n}=https://192.168.10.20${n}:2380`).join(","),
    );
  });

  it("is run by a unit that is started when etcd says so", () => {
    assert.match(ETCD_UNIT, /^Type=notify$/m);
    assert.match(ETCD_UNIT, /^Restart=always$/m);
  });

  describe("with etcd itself", () => {
    const folder = testFolder();

    it("is taken, and a member serves clients", async function () {
      const etcd = labTool(this, "etcd", "etcd");
      need(this, "openssl");
      const [client, peer, metrics] = [await freePort(), await freePort(), await freePort()];
      const cluster = parseCluster(goodConfig());
      const member = { ...cluster.hosts.etcd[0]!, address: "127.0.0.1" };
      const text = filledIn(etcdConfig({ ...cluster, hosts: { ...cluster.hosts, etcd: [member] } }), {
        host: "etcd-1",
        address: "127.0.0.1",
      })
        .replaceAll(ETCD_PKI, join(folder(), "pki"))
        .replace("/var/lib/etcd", join(folder(), "data"))
        .replace(",https://127.0.0.1:2379", "")
        .replaceAll(":2379", `:${client}`)
        .replaceAll(":2380", `:${peer}`)
        .replaceAll(":2381", `:${metrics}`);
      certificates(join(folder(), "pki"));
      writeFileSync(join(folder(), "etcd.yaml"), text);
      const child = spawn(etcd, ["--config-file", join(folder(), "etcd.yaml")], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      const ended = once(child, "exit");
      let log = "";
      const ready = new Promise<boolean>((resolve) => {
        child.stderr.on("data", (data) => {
          log += String(data);
          if (log.includes("serving client traffic securely")) resolve(true);
        });
        void ended.then(() => resolve(false));
      });
      const serves = await ready;
      child.kill("SIGKILL");
      await ended;
      assert.ok(serves, log);
      assert.doesNotMatch(log, /unrecognized|unknown field|deprecated/i);
    });
  });
});

function certificates(folder: string): void {
  const ca = testCa();
  mkdirSync(folder);
  writeFileSync(join(folder, "ca.crt"), ca.certPem);
  for (const kind of ["server", "peer"]) {
    const { certPem, keyPem } = serverCertificate(ca, "localhost");
    writeFileSync(join(folder, `${kind}.crt`), certPem);
    writeFileSync(join(folder, `${kind}.key`), keyPem, { mode: 0o600 });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
