import assert from "node:assert/strict";
import { TestHost } from "../host/testHost";

const UNIT = "/etc/systemd/system/etcd.service";
const NOTED = "/var/lib/ha-kubernetes/applied/etcd.service";

describe("start and restart of an etcd member", () => {
  let host: TestHost;
  TestHost.each((made) => {
    host = made;
    host.fake("systemctl", '[ "$1" != is-active ] || [ -e /var/etcd-runs ]');
    host.fake("etcdctl", '[ ! -e /var/unhealthy ] || [[ "$*" != *--cluster* ]]');
    host.write(UNIT, "unit");
    host.write("/var/lib/ha-kubernetes/installed/etcd", "sum");
    host.write("/var/etcd/etcd.yaml", "config");
    host.write("/var/etcd/etcdctl.env", "");
    host.write("/var/lib/etcd/member/wal", "");
  });

  const run = (phase: string) => host.run({ phase: `${SHORTER}\n${phase}`, shell: ["etcd/scripts/etcd.sh"] });
  // The config lies elsewhere, and nobody waits for what a test has decided.
  const SHORTER = `
    etcd_files() { sha256sum /var/etcd/etcd.yaml ${UNIT} "$STATE_DIR/installed/etcd" | sha256sum; }
    etcd_ctl() { etcdctl "$@"; }
    retry() { shift 2; "$@"; }`;
  const restarts = () => host.calls("systemctl").filter((call) => call.startsWith("restart"));

  it("starts one that doesn't run without waiting for its peers, and notes what with", async () => {
    const { status, stderr } = await run("etcd_start");
    assert.equal(status, 0, stderr);
    assert.deepEqual(restarts(), ["restart --no-block etcd.service"]);
    assert.match(host.read(NOTED), /^[0-9a-f]{64} /);
  });

  it("leaves one that runs alone, whatever its config says", async () => {
    host.write("/var/etcd-runs", "");
    host.write(NOTED, "another\n");
    assert.equal((await run("etcd_start")).status, 0);
    assert.deepEqual(restarts(), []);
    assert.equal(host.read(NOTED), "another\n");
  });

  it("restarts one whose config changed, only once, and asks all members first", async () => {
    host.write("/var/etcd-runs", "");
    host.write(NOTED, "another\n");
    assert.equal((await run("phase_health")).status, 0);
    assert.deepEqual(restarts(), ["restart etcd.service"]);
    assert.deepEqual(host.calls("etcdctl"), ["endpoint health --cluster", "endpoint health"]);
    assert.equal((await run("phase_health")).status, 0);
    assert.deepEqual(restarts(), ["restart etcd.service"]);
  });

  it("restarts nothing while another member is down, and says which command shows it", async () => {
    host.write("/var/etcd-runs", "");
    host.write(NOTED, "another\n");
    host.write("/var/unhealthy", "");
    const { status, stderr } = await run("phase_health");
    assert.equal(status, 70);
    assert.match(
      stderr,
      /^h1: etcd has a new config, but not all of its members are healthy\. .*--cluster\.\n$/,
    );
    assert.deepEqual(restarts(), []);
  });
});
