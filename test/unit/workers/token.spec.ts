import assert from "node:assert/strict";
import { TestHost } from "../host/testHost";

const NOTE = "/var/lib/ha-kubernetes/join-token";

describe("the token of a worker's join", () => {
  let host: TestHost;
  TestHost.each((made) => {
    host = made;
    host.write("/run/ha-kubernetes/ca.crt", "");
    host.write("/var/tokens", "aaaaaa.0123456789abcdef\nbbbbbb.0123456789abcdef\n");
    host.fake("kubectl", 'echo "$5 $6 $7" >>/var/order; [ ! -e /var/unreachable ]');
    host.fake(
      "kubeadm",
      `case "$1 $2" in
      "token generate") head -n 1 /var/tokens; sed -i 1d /var/tokens ;;
      "token create") echo "create $(cat "\${*: -1}")" >>/var/order ;;
      "join --config") [ ! -e /var/kill ] || kill -KILL "$PPID" ;;
      esac`,
    );
  });

  const join = () =>
    host.run({
      phase: "worker_kubeadm_join || die 'it failed' 'a cause' 'a cure'",
      shell: ["workers/scripts/worker.sh"],
      files: { "kubeadm-join.yaml": "", "kubeadm-token.yaml": "@token@" },
      variables: { ENDPOINT: "192.0.2.100:6443" },
    });
  const order = () => host.read("/var/order").trimEnd().split("\n");
  const MADE = { first: "create aaaaaa.0123456789abcdef", second: "create bbbbbb.0123456789abcdef" };

  it("is revoked once it has served, and was in no command line", async () => {
    const { status, stderr } = await join();
    assert.equal(status, 0, stderr);
    assert.deepEqual(order(), [MADE.first, "delete secret bootstrap-token-aaaaaa"]);
    assert.throws(() => host.read(NOTE), /ENOENT/);
    assert(!host.calls("kubeadm").some((call) => call.includes("0123456789abcdef")));
  });

  it("is revoked by the next run if the first is killed, before another is made", async () => {
    host.write("/var/kill", "");
    assert.notEqual((await join()).status, 0);
    assert.equal(host.read(NOTE), "aaaaaa\n");
    await host.inside(["rm", "/var/kill"]);
    assert.equal((await join()).status, 0);
    assert.deepEqual(order(), [
      MADE.first,
      "delete secret bootstrap-token-aaaaaa",
      MADE.second,
      "delete secret bootstrap-token-bbbbbb",
    ]);
  });

  it("stays noted while the API can't be reached, and no other is made", async () => {
    host.write(NOTE, "cccccc\n");
    host.write("/var/unreachable", "");
    assert.equal((await join()).status, 70);
    assert.deepEqual(order(), ["delete secret bootstrap-token-cccccc"]);
    assert.equal(host.read(NOTE), "cccccc\n");
  });
});
