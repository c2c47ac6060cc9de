import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as hosts from "../../lab/hosts/hosts";
import { OperationError, pulumiUp, readState } from "../../lab/up";
import { Agent, EngineWithAgent } from "./agent";
import { assertIssued, giveOwnCas } from "./authorities";
import { canariesOf, CommandLines, leaks } from "./canaries";
import { errorTimes } from "./eventLog";
import { fresh } from "./fresh";
import {
  editConfig,
  eventually,
  kubectl,
  lab,
  on,
  progress,
  readyNodes,
  saveKubeconfig,
  state,
} from "./support";

const OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGEESX2X9ToKnm2Ni6LYTgzYXl3opoGXEhmT8dxkBW6i";
const REFUSED = /proxy: .*host key mismatch/;
const JUMP = "192.168.10.12";
/** The operator's own balancer, on a host that the stack does not know. */
const BALANCER = `global
defaults
  mode tcp
  timeout connect 2s
  timeout client 1h
  timeout server 1h
frontend api
  bind :6443
  default_backend masters
backend masters
  option httpchk GET /readyz
  default-server check check-ssl verify none inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
  server m1 192.168.10.101:6443
  server m2 192.168.10.102:6443
  server m3 192.168.10.103:6443
`;

describe("what an operator already has: jump host, sudo user, ssh agent, CAs and load balancer", () => {
  const agent = new Agent();
  let engine: EngineWithAgent;
  let canaries: Map<string, string>;

  before(async () => {
    await fresh({ topology: "external", masters: 3, workers: 3 });
    await agent.start();
    engine = new EngineWithAgent((await readState(lab))?.tools.pulumi ?? "", agent);
    await on("lb1", `cat >/root/balancer.cfg <<'END'\n${BALANCER}END\n`);
    await on("lb1", "systemd-run --collect --unit=balancer haproxy -W -f /root/balancer.cfg");
    const keys = await giveOwnCas(engine);
    canaries = canariesOf({ ...keys, "ssh key": await readFile(join(lab.dir, "ssh", "id_ed25519"), "utf8") });
    await engine.pulumi(["config", "rm", "sshPrivateKey"]);
  });

  after(() => agent.stop());

  /** The lab's config as this operator writes it; m1, e1 and w1 stand behind the jump host. */
  async function configure(jumpKey: string): Promise<void> {
    await editConfig((cluster) => {
      cluster.hosts = cluster.hosts.filter(({ role }) => role !== "loadbalancer");
      cluster["loadBalancer"] = { mode: "external" };
      cluster["endpoint"] = { address: "192.168.10.11", dnsName: "k8s-api.example.com" };
      cluster["ssh"] = { user: "root" };
      for (const { name, ssh } of cluster.hosts) {
        if (name.endsWith("1")) ssh["jump"] = { address: JUMP, user: "ops", hostKey: jumpKey };
        if (/^[mw][23]$/.test(name)) ssh["user"] = "ops";
      }
    });
  }

  it("refuses a jump host that shows another key, within a minute", async () => {
    await configure(OTHER_KEY);
    await assert.rejects(pulumiUp(lab, engine, progress), (error: unknown) => {
      assert(error instanceof OperationError);
      assert.match(error.errors.join("\n"), REFUSED);
      return true;
    });
    const { begun, said } = await errorTimes(REFUSED);
    assert(said - begun < 60, `it took ${said - begun} s`);
    assert.equal(await on("m1", "ls -a /root | grep ha-kubernetes || true"), "");
  });

  it("builds a cluster that passes its checks, and shows no secret in a command line meanwhile", async () => {
    await configure(
      (await readFile(join(lab.dir, "ssh", "host_lb2_ed25519.pub"), "utf8")).split(" ", 2).join(" "),
    );
    const watch = new CommandLines(canaries);
    const built = await Promise.allSettled([pulumiUp(lab, engine, progress)]);
    assert.deepEqual(await watch.stop(), []);
    if (built[0].status === "rejected") throw built[0].reason;
    const { steps } = built[0].value;
    const check = steps.find(({ name }) => name === "lab-master-m1-check");
    assert(check?.parts && !/^fail/m.test(check.parts), check?.parts);
    await saveKubeconfig();
  });

  it("went through the jump host to those behind it, and to no other", async () => {
    const from = (host: string) =>
      on(
        host,
        "journalctl -t sshd -o cat --no-pager | sed -n 's/^Accepted publickey for \\([a-z]*\\) from \\([0-9.]*\\) .*/\\1 \\2/p' | sort -u",
      );
    for (const host of ["m1", "e1", "w1"]) assert.equal(await from(host), `root ${JUMP}`, host);
    for (const host of ["m2", "m3", "w2", "w3"]) assert.equal(await from(host), "ops 192.168.10.1", host);
    assert.equal(await from("lb2"), "ops 192.168.10.1");
  });

  it("took its key from the agent alone", async () => {
    const { text } = await state();
    assert(!text.includes('"privateKey"'), "a connection in the state has a key");
  });

  it("has an API server, etcd and kubelets with certificates of the operator's CAs", async () => {
    for (const address of ["192.168.10.101:6443", "192.168.10.103:6443", "192.168.10.11:6443"])
      await assertIssued("clusterCa", address);
    for (const host of [101, 102, 103, 111, 112, 113])
      await assertIssued("clusterCa", `192.168.10.${host}:10250`);
    for (const host of [201, 202, 203])
      for (const port of [2379, 2380]) await assertIssued("etcdCa", `192.168.10.${host}:${port}`);
    await assert.rejects(assertIssued("etcdCa", "192.168.10.101:6443"), /ended with exit code/);
    const issuer = await on(
      "m2",
      "openssl x509 -noout -issuer -in /etc/kubernetes/pki/front-proxy-client.crt",
    );
    assert.match(issuer, /own frontProxyCa/);
  });

  it("reaches its API through the operator's balancer, also when a master is gone", async () => {
    assert.match(
      await kubectl("config", "view", "-o", "jsonpath={.clusters[0].cluster.server}"),
      /192\.168\.10\.11:6443/,
    );
    assert.equal(await on("lb2", "systemctl is-active haproxy keepalived || true"), "inactive\ninactive");
    assert.equal(await readyNodes(), 6);
    await hosts.cut(lab, "m1");
    try {
      for (let i = 0; i < 5; i++) await eventually(30, () => kubectl("get", "--raw", "/readyz"));
    } finally {
      await hosts.uncut(lab, "m1");
    }
  });

  it("shows no secret in state, logs and files that others may read", async () => {
    assert.deepEqual(await leaks(canaries, ["m1", "m2", "m3", "e1", "w1", "w2", "lb2"]), []);
  });

  it("changes nothing the second time", async () => {
    assert.deepEqual(Object.keys((await pulumiUp(lab, engine, progress)).changes), ["same"]);
  });
});
