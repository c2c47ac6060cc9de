import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { FIREWALL_UNIT, firewallRules, scraperNetworks } from "../../../components/host/firewall";
import { haproxyConfig, LB_PATHS } from "../../../components/loadbalancer/haproxy";
import {
  keepalivedConfig,
  KEEPALIVED_PATHS,
  VRRP_RULES,
  vrrpPriority,
} from "../../../components/loadbalancer/keepalived";
import { HAPROXY_DROP_IN, KEEPALIVED_DROP_IN, RUNTIME_FOLDER } from "../../../components/loadbalancer/units";
import { parseCluster } from "../../../components/spec/parse";
import { assertGolden, lineDiff } from "../../golden/golden";
import { goodConfig, rawHost } from "../spec/configs";
import { CLUSTER } from "./cluster";
import { need, pend } from "../support/programs";
import { testCa } from "./certificates";

const { masters } = CLUSTER.hosts;
const { dnsName } = CLUSTER.endpoint;
const vip = CLUSTER.endpoint.address;

const HAPROXY = haproxyConfig({ masters, dnsName });
const firewall = (cluster: typeof CLUSTER) => firewallRules(cluster, [8404, 9100], VRRP_RULES);
const KEEPALIVED = keepalivedConfig({ vip, loadBalancer: CLUSTER.loadBalancer });

/** Keepalived refuses the loopback interface. */
const INTERFACE = Object.keys(networkInterfaces()).find((name) => name !== "lo");

/** Fills in what the host's script fills in. */
function filled(text: string): string {
  const values: Record<string, string> = {
    address: "127.0.0.1",
    host: "lb-1",
    interface: INTERFACE ?? "none",
    priority: "100",
    stats_hash: "$6$rounds=1000$abcdefgh$hash",
    unicast: "  check_unicast_src\n  unicast_src_ip 127.0.0.1\n  unicast_peer {\n    127.0.0.2\n  }",
    vrrp_sources: "127.0.0.1, 127.0.0.2",
  };
  return text.replace(/@(\w+)@/g, (_, key: string) => {
    const value = values[key];
    assert.ok(value !== undefined, `nobody fills in @${key}@`);
    return value;
  });
}

describe("load balancer, rendered", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ha-kubernetes-lb-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const check = (program: string, args: string[], text: string) => {
    const file = join(folder, "config");
    writeFileSync(file, text, { mode: 0o600 });
    const run = spawnSync(program, [...args, file], { encoding: "utf8" });
    return { status: run.status, output: run.stdout + run.stderr };
  };

  it("is what was recorded", () => {
    assertGolden("loadbalancer-haproxy.cfg", HAPROXY);
    assertGolden("loadbalancer-keepalived.conf", KEEPALIVED);
    assertGolden("loadbalancer-firewall.nft", firewall(CLUSTER));
    assertGolden("loadbalancer-haproxy-drop-in", HAPROXY_DROP_IN);
    assertGolden("loadbalancer-keepalived-drop-in", KEEPALIVED_DROP_IN);
    assertGolden("loadbalancer-firewall-unit", FIREWALL_UNIT);
    assertGolden("loadbalancer-tmpfiles", RUNTIME_FOLDER);
  });

  it("is taken by HAProxy without a warning", function () {
    need(this, "haproxy");
    const ca = join(folder, "ca.crt");
    writeFileSync(ca, testCa().certPem);
    const text = filled(HAPROXY).replaceAll(LB_PATHS.ca, ca);
    const { status, output } = check("haproxy", ["-c", "-f"], text);
    assert.equal(status, 0, output);
    assert.doesNotMatch(output, /warning/i);
    assert.notEqual(
      check("haproxy", ["-c", "-f"], text.replace("verify required", "verify maybe")).status,
      0,
    );
  });

  it("needs fewer open files than the smallest host allows", () => {
    const limit = 20_000;
    const connections = Number(/^ {2}maxconn (\d+)$/m.exec(HAPROXY)?.[1]);
    assert.ok(connections >= 500 * 10, `${connections} connections are too few for 500 nodes`);
    assert.ok(2 * connections + 1000 < limit, `${connections} connections need too many files`);
  });

  for (const nopreempt of [false, true]) {
    it(`is taken by Keepalived without a complaint, nopreempt ${nopreempt}`, function () {
      need(this, "keepalived");
      if (INTERFACE === undefined) pend(this, "this machine has no network interface but lo");
      const text = keepalivedConfig({ vip, loadBalancer: { ...CLUSTER.loadBalancer, nopreempt } })
        .replaceAll(KEEPALIVED_PATHS.live, "/bin/true")
        .replaceAll(KEEPALIVED_PATHS.notify, "/bin/true")
        .replaceAll(LB_PATHS.stopped, join(folder, "stopped"));
      const { status, output } = check("keepalived", ["-t", "-f"], filled(text));
      assert.equal(status, 0, output);
      assert.equal(output.trim(), "");
    });
  }

  it("tracks a check without weight, so that no difference of priorities keeps the VIP on a blind host", () => {
    assert.match(KEEPALIVED, /track_script \{\s+api_live\s+\}/);
    assert.match(KEEPALIVED, /vrrp_script api_live \{/);
    assert.doesNotMatch(KEEPALIVED, /vrrp_script[^}]*weight/);
    assert.doesNotMatch(KEEPALIVED, /track_process|killall|auth_pass/);
    assert.deepEqual([0, 1].map(vrrpPriority), [100, 90]);
  });

  it("never cuts a quiet connection: the tunnel's time is above the kubelet's 4 hours", () => {
    assert.match(HAPROXY, /timeout tunnel 24h/);
  });

  it("is a firewall that nft takes", function () {
    need(this, "nft");
    const { status, output } = check("nft", ["-c", "-f"], filled(firewall(CLUSTER)));
    if (/Operation not permitted/.test(output)) pend(this, "nft may not ask this kernel");
    assert.equal(status, 0, output);
  });

  it("opens the exporter to the networks of the hosts, so a worker beside others changes nothing", () => {
    assert.deepEqual(scraperNetworks(CLUSTER), ["10.244.0.0/16", "192.168.10.0/24"]);
    const withWorker = (address: string) => {
      const config = goodConfig();
      return parseCluster({ ...config, hosts: [...config.hosts, rawHost("worker", 4, { address })] });
    };
    assert.equal(firewall(withWorker("192.168.10.200")), firewall(CLUSTER));
    assert.match(firewall(withWorker("192.168.77.1")), /192\.168\.77\.0\/24/);
  });

  it("refuses a pair without masters", () => {
    assert.throws(() => haproxyConfig({ masters: [], dnsName }), /at least one master/);
  });
});

describe("golden files", () => {
  it("show what went and what came", () => {
    assert.equal(lineDiff("a\nb\nc\n", "a\nB\nc\n"), "@@ line 2 @@\n a\n-b\n+B\n c");
    assert.equal(lineDiff("a\n", "a\nb\n"), "@@ line 2 @@\n a\n+b\n ");
    const update = process.env["UPDATE_GOLDEN"];
    delete process.env["UPDATE_GOLDEN"];
    try {
      assert.throws(() => assertGolden("never-recorded", "x"), /never recorded/);
    } finally {
      if (update !== undefined) process.env["UPDATE_GOLDEN"] = update;
    }
  });
});
