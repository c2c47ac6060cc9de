import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeFiles } from "../../../components/node/files";
import { parseCluster } from "../../../components/spec/parse";
import { goodConfig } from "../spec/configs";
import { filledIn } from "../support/filled";
import { testFolder } from "../support/folder";
import { labTool } from "../support/tools";

const CLUSTER = parseCluster(goodConfig());
const FILES = nodeFiles(CLUSTER);

describe("files of a node", () => {
  it("have a registry mirror only where the config names one", () => {
    assert.equal(FILES["hosts.toml"], undefined);
    const artifacts = { source: "upstream", registryMirror: "https://registry.example.com/" };
    const mirrored = nodeFiles(parseCluster(goodConfig({ artifacts })));
    assert.match(mirrored["hosts.toml"] ?? "", /^\[host\."https:\/\/registry\.example\.com"\]$/m);
  });

  it("set what Kubernetes demands of the kernel", () => {
    for (const key of [
      "net.ipv4.ip_forward",
      "net.bridge.bridge-nf-call-iptables",
      "net.bridge.bridge-nf-call-ip6tables",
    ]) {
      assert.ok(FILES["sysctl.conf"]?.split("\n").includes(`${key} = 1`), key);
    }
  });
});

describe("containerd's configuration, read by containerd itself", () => {
  const folder = testFolder();
  let containerd: string;
  before(function () {
    containerd = labTool(this, "containerd", "containerd");
  });
  const dump = (text: string) => {
    const file = join(folder(), "containerd.toml");
    mkdirSync(join(folder(), "etc"));
    writeFileSync(file, text);
    return spawnSync(containerd, ["--config", file, "config", "dump"], { encoding: "utf8" });
  };

  it("has the systemd cgroup driver, the pinned pause image, the mirrors' folder and a slow look at usage", () => {
    const { status, stdout, stderr } = dump(filledIn(FILES["containerd.toml"] ?? ""));
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /ignor|unknown/i);
    assert.match(stdout, /SystemdCgroup = true/);
    assert.match(stdout, /stats_collect_period = ['"]10s['"]/);
    assert.match(stdout, new RegExp(`sandbox = ['"]registry\\.k8s\\.io/pause:${CLUSTER.versions.pause}['"]`));
    assert.match(stdout, /config_path = ['"]\/etc\/containerd\/certs\.d['"]/);
  });

  it("would not be taken with a table that is written wrongly", () => {
    assert.notEqual(dump("version = 3\n[plugins\n").status, 0);
  });
});
