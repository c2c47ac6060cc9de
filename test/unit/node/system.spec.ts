import assert from "node:assert/strict";
import { nodeFiles } from "../../../components/node/files";
import { parseCluster } from "../../../components/spec/parse";
import { TestHost } from "../host/testHost";
import { goodConfig } from "../spec/configs";

describe("scripts of a node", () => {
  let host: TestHost;
  TestHost.each((made) => {
    host = made;
    host.fake("systemctl", '[ "$1" != is-active ] && [ "$1" != is-enabled ]');
  });
  const shell = ["system.sh", "containerd.sh", "kubelet.sh"].map((file) => `node/scripts/${file}`);
  const run = (phase: string) => host.run({ phase, shell, files: nodeFiles(parseCluster(goodConfig())) });
  const log = async (phase: string) => {
    const { status, stderr } = await run(phase);
    assert.equal(status, 0, stderr);
    return host.read("/var/log/ha-kubernetes/test.log").replace(/^== .*\n/, "");
  };

  it("take swap out of fstab, and leave every other line", async () => {
    const lines = [
      "UUID=1 / ext4 defaults 0 1",
      "# swap was on sdb",
      "UUID=2 none swap sw 0 0",
      "/swapfile\tnone\tswap\tsw 0 0",
    ];
    host.write("/etc/fstab", `${lines.join("\n")}\n`);
    // A file that another is mounted on can't be replaced, so what would be written is looked at.
    await log('put_file() { cat >"/var/new"; }\n node_no_swap');
    const off = " # off for Kubernetes";
    const [root, comment, partition, file] = lines;
    assert.equal(host.read("/var/new"), `${root}\n${comment}\n#${partition}${off}\n#${file}${off}\n`);
    assert.deepEqual(host.calls("systemctl"), ["mask --quiet swap.target"]);
  });

  it("write no fstab that has no swap", async () => {
    host.write("/etc/fstab", "UUID=1 / ext4 defaults 0 1\n#UUID=2 none swap sw 0 0\n");
    await log("put_file() { exit 1; }\n node_no_swap");
  });

  it("say which of the kernel's settings is missing", async () => {
    host.fake("sysctl", '[ "$1" != -n ] || { [ "$2" = net.ipv4.ip_forward ] && echo 1 || echo 0; }');
    host.fake("modprobe", "exit 1");
    const { status, stderr } = await run("put_file() { cat >/dev/null; }\n node_system");
    assert.equal(status, 70);
    assert.equal(
      stderr,
      "h1: net.bridge.bridge-nf-call-iptables is not 1. " +
        "Likely cause: the kernel has no br_netfilter, or the host may not set it. " +
        "Next: modprobe br_netfilter; sysctl -w net.bridge.bridge-nf-call-iptables=1.\n",
    );
  });

  it("tell the kubelet what only this host knows: cgroup v1, and a disk that can't be measured or is not its own", async () => {
    const head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
    const facts = async (cgroup: string, fstype: string, source: string) => {
      host.fake("stat", `echo ${cgroup}`);
      host.fake("findmnt", `[ "$2" = FSTYPE ] && echo ${fstype} || echo '${source}'`);
      const { stderr } = await run("node_kubelet_facts >&4");
      return stderr;
    };
    const unknown = "localStorageCapacityIsolation: false\n";
    const shared =
      "imageGCHighThresholdPercent: 100\nevictionHard:\n  memory.available: 100Mi\n" +
      "  nodefs.available: 1Gi\n  nodefs.inodesFree: 1%\n  imagefs.available: 1Gi\n";
    assert.equal(await facts("tmpfs", "overlay", "overlay"), `${head}failCgroupV1: false\n${unknown}`);
    assert.equal(await facts("cgroup2fs", "ext4", "/dev/vda[/hosts/w1]"), `${head}${shared}`);
    assert.equal(await facts("cgroup2fs", "btrfs", "/dev/vda[/@var]"), head);
    assert.equal(await facts("cgroup2fs", "ext4", "/dev/vda1"), head);
  });

  it("leave time to a service that runs already, and to who masked systemd's", async () => {
    const asked = () => host.calls("systemctl").filter((call) => call.startsWith("enable"));
    host.fake("systemctl", '[ "$*" = "is-active --quiet chrony" ]');
    await log("node_time");
    assert.deepEqual(asked(), []);
    host.fake("systemctl", 'case "$1" in is-active) exit 3 ;; is-enabled) echo masked; exit 1 ;; esac');
    await log("node_time");
    assert.deepEqual(asked(), []);
    host.fake("systemctl", 'case "$1" in is-active) exit 3 ;; is-enabled) echo disabled; exit 1 ;; esac');
    await log("node_time");
    assert.deepEqual(asked(), ["enable --quiet --now systemd-timesyncd"]);
  });

  it("refuse another value of what the node was built with, before anything is changed", async () => {
    const built = nodeFiles(parseCluster(goodConfig()))["built"];
    host.write("/var/lib/ha-kubernetes/built", `${built}\nsetting of a later release\t1\n`);
    assert.equal(await log("node_unchanged"), "");
    host.write("/var/lib/ha-kubernetes/built", `${built?.replace("10.244.0.0/16", "10.200.0.0/16")}\n`);
    const { status, stderr } = await run("node_prepare");
    assert.equal(status, 70);
    assert.equal(
      stderr,
      "h1: this node was built with network.podCidr 10.200.0.0/16, the config says 10.244.0.0/16. " +
        "Likely cause: the config was changed on a living cluster, and up can't change that. " +
        "Next: take the change back; or pulumi destroy, then pulumi up with the new value.\n",
    );
    assert.deepEqual(host.calls("systemctl"), []);
  });

  it("note what the node was built with", async () => {
    await log("node_built");
    assert.match(host.read("/var/lib/ha-kubernetes/built"), /^network\.podCidr\t10\.244\.0\.0\/16$/m);
    assert.doesNotMatch(host.read("/var/lib/ha-kubernetes/built"), /^hosts/m);
  });
});
