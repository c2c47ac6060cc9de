import assert from "node:assert/strict";
import { spawnSync, execFileSync } from "node:child_process";
import { join } from "node:path";
import { ApiServer, TestBalancer } from "./balancer";
import { serverCertificate, testCa } from "./certificates";
import { CLUSTER } from "./cluster";
import { need } from "../support/programs";

const LIVE = join(__dirname, "../../../components/loadbalancer/scripts/live.sh");
const NAME = CLUSTER.endpoint.dnsName;

describe("load balancer, with HAProxy and API servers on the loopback", function () {
  const password = "not a real password";
  const servers: Record<"first" | "second" | "foreign" | "misnamed", ApiServer> = {} as never;
  let balancer: TestBalancer;

  before(async function () {
    need(this, "haproxy", "socat", "openssl");
    const ca = testCa();
    const good = serverCertificate(ca, NAME);
    servers.first = await ApiServer.listen(good);
    servers.second = await ApiServer.listen(good);
    servers.foreign = await ApiServer.listen(serverCertificate(testCa(), NAME));
    servers.misnamed = await ApiServer.listen(serverCertificate(ca, "other.example.com"));
    const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], {
      input: password,
      encoding: "utf8",
    }).trim();
    balancer = await TestBalancer.start(servers, ca.certPem, hash);
    await balancer.until(({ first, second }) => [first, second].every((s) => s?.check === "L7OK"));
  });

  after(async () => {
    // There is none where the suite is pending.
    await (balancer as TestBalancer | undefined)?.stop();
    for (const server of Object.values(servers)) server.close();
  });

  const live = () => spawnSync(LIVE, [balancer.socket]).status;

  it("takes a server in only with a certificate of the cluster CA for the DNS name", async () => {
    const states = await balancer.until((all) => Object.values(all).every((s) => s.check !== "INI"));
    assert.match(states["first"]!.status, /^UP/);
    assert.match(states["second"]!.status, /^UP/);
    assert.deepEqual(states["foreign"], { status: "DOWN", check: "L6RSP" });
    assert.deepEqual(states["misnamed"], { status: "DOWN", check: "L6RSP" });
  });

  it("asks every server for /readyz under the DNS name", () => {
    assert.deepEqual([...servers.first.asked], [`GET /readyz ${NAME}`]);
  });

  it("keeps a quiet connection beyond the timeouts of client and server (1 s here)", async () => {
    const connection = await balancer.connect();
    assert.equal(await connection.closedWithin(2500), undefined);
    connection.end();
  });

  it("shows metrics to everyone who gets here, the page only with the password", async () => {
    assert.match(await balancer.page("/metrics"), /^200 .*haproxy_server_status/s);
    assert.match(await balancer.page("/stats"), /^401 /);
    assert.match(await balancer.page("/stats", "wrong"), /^401 /);
    assert.match(await balancer.page("/stats", password), /^200 .*apiservers/s);
  });

  it("loses no new connection when a server is gone and not yet found out", async () => {
    servers.second.close();
    const answers = await Promise.all(Array.from({ length: 10 }, () => balancer.get("/version")));
    assert.deepEqual(answers, new Array(10).fill("200"));
  });

  it("tells Keepalived that it sees a live API server", () => assert.equal(live(), 0));

  it("closes the connections to a server that is not ready any more, within 4 s", async () => {
    const connection = await balancer.connect();
    servers.first.ready = false;
    const after = await connection.closedWithin(4000);
    assert.ok(after !== undefined, "the connection is still open");
    const { first } = await balancer.states();
    assert.deepEqual(first, { status: "DOWN", check: "L7STS" });
  });

  it("tells Keepalived that it is blind, and that it sees again", async () => {
    await balancer.until((all) => Object.values(all).every((s) => s.status === "DOWN"));
    assert.equal(live(), 1);
    servers.first.ready = true;
    await balancer.until(({ first }) => first?.status.startsWith("UP") ?? false);
    assert.equal(live(), 0);
  });

  it("fails Keepalived's check when it doesn't run", async () => {
    await balancer.stop();
    assert.notEqual(live(), 0);
  });
});
