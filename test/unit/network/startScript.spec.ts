import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubeRouterFiles } from "../../../components/network/kubeRouter";

/** Runs the start script in a folder, with a stand-in of kube-router that does what `router` says. */
function start(folder: string, router: string): string[] {
  mkdirSync(join(folder, "net.d"), { recursive: true });
  mkdirSync(join(folder, "bin"), { recursive: true });
  const files = kubeRouterFiles();
  writeFileSync(join(folder, "cni.conflist"), files["cni.conflist"] ?? "");
  const script = (files["start.sh"] ?? "")
    .replaceAll("/etc/kube-router/", `${folder}/`)
    .replaceAll("/etc/cni/net.d", `${folder}/net.d`);
  writeFileSync(join(folder, "bin", "kube-router"), `#!/bin/sh\n${router}\n`);
  chmodSync(join(folder, "bin", "kube-router"), 0o755);
  writeFileSync(join(folder, "bin", "iptables"), "#!/bin/sh\n");
  chmodSync(join(folder, "bin", "iptables"), 0o755);
  const run = spawnSync("sh", ["-c", script, "start.sh", "--run-router=true"], {
    env: {
      POD_CIDR: "10.244.0.0/16",
      PATH: `${join(folder, "bin")}:/usr/bin:/bin`,
      KUBE_ROUTER_CNI_CONF_FILE: join(folder, "own.conflist"),
    },
    encoding: "utf8",
    timeout: 5000,
  });
  return run.stdout.trim().split("\n");
}

describe("kube-router's start script", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "kube-router-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("publishes the configuration once kube-router has filled in the node's pod network, not before", () => {
    const published = `${folder}/net.d/10-kuberouter.conflist`;
    const output = start(
      folder,
      `echo "$@"
      sleep 0.3
      [ -e ${published} ] && echo early || echo not yet
      sed -i 's|"host-local"|"host-local", "subnet": "10.244.3.0/24"|' "$KUBE_ROUTER_CNI_CONF_FILE"
      sleep 0.5`,
    );
    assert.deepEqual(output, ["--run-router=true", "not yet"]);
    assert.match(readFileSync(published, "utf8"), /"subnet": "10\.244\.3\.0\/24"/);
  });

  it("leaves the runtime the configuration it has, until a new one is filled in", () => {
    mkdirSync(join(folder, "net.d"));
    writeFileSync(join(folder, "net.d", "10-kuberouter.conflist"), "of the last run");
    start(
      folder,
      'sleep 0.3; echo x >"$KUBE_ROUTER_CNI_CONF_FILE.gone"; kill $(ps -o pid= --ppid $$) 2>/dev/null; exit 1',
    );
    assert.equal(readFileSync(join(folder, "net.d", "10-kuberouter.conflist"), "utf8"), "of the last run");
    assert.equal(existsSync(join(folder, "net.d", ".kube-router")), false);
  });
});
