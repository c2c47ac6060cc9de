import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { mkdtemp, realpath, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as hosts from "../../lab/hosts/hosts";
import { run } from "../../lab/run";
import { fresh } from "./fresh";
import { kubectl, lab, saveKubeconfig, up } from "./support";

const SHAPE = { topology: "stacked", masters: 3, workers: 3 } as const;

describe("two labs of two checkouts", () => {
  let folder: string | undefined;
  let root = "";
  const second = (...words: string[]) =>
    run("npm", ["run", "--silent", "lab", "--", ...words], { cwd: root });
  const nodesReady = (nodes: string) => nodes.match(/ Ready /g)?.length;

  const panic = async () => (await run("sysctl", ["-n", "kernel.panic"])).trim();
  let panicBefore = "0";

  before(async () => {
    await hosts.down(lab);
    panicBefore = await panic();
    await run("sysctl", ["-q", "kernel.panic=7"]);
    await fresh(SHAPE);
    await up();
    await saveKubeconfig();
    folder = await realpath(await mkdtemp(join(tmpdir(), "ha-kubernetes-second-")));
    root = join(folder, "checkout");
    await run("git", ["clone", "--quiet", lab.root, root]);
    await run("cp", ["-al", join(lab.root, "node_modules"), root]);
    // Newer than the clone's package-lock.json, or npm would fetch all again.
    await utimes(join(root, "node_modules", ".package-lock.json"), new Date(), new Date());
  });

  after(async () => {
    await run("sysctl", ["-q", `kernel.panic=${panicBefore}`]);
    if (folder === undefined) return;
    await second("down");
    await rm(folder, { recursive: true });
  });

  it("stand at the same time, and each answers for itself", async () => {
    await second("up", "--topology", "stacked", "--masters", "3", "--workers", "3");
    const ca = (view: string) => createHash("sha256").update(view).digest("hex");
    const view = [
      "config",
      "view",
      "--raw",
      "-o",
      "jsonpath={.clusters[0].cluster.certificate-authority-data}",
    ];
    assert.notEqual(ca(await second("kubectl", ...view)), ca(await kubectl(...view)));
    assert.equal(nodesReady(await second("kubectl", "get", "nodes", "--no-headers")), 6);
    assert.equal(nodesReady(await kubectl("get", "nodes", "--no-headers")), 6);
  });

  it("leave nothing of the second behind when it goes, and the first whole", async () => {
    const id = createHash("sha256").update(root).digest("hex").slice(0, 8);
    const traces = `
      find /sys/fs/cgroup -path '*/lab/${id}*' -type d
      find /run/netns -name '*${id}*'
      ip -o link | grep -F '${id}'
      printf '%s\\n' "$ROOT" | grep -lF -f - /proc/[0-9]*/mountinfo /proc/[0-9]*/cmdline 2>/dev/null
      true`;
    // By the environment, or the search would find itself.
    const left = () => run("bash", ["-c", traces], { env: { ...process.env, ROOT: root } });
    assert.notEqual(await left(), "", "the traces are looked for in the wrong places");
    await second("down");
    assert.equal(await left(), "");
    assert.equal(nodesReady(await kubectl("get", "nodes", "--no-headers")), 6);
    assert.deepEqual(Object.keys((await up()).changes), ["same"]);
  });

  it("leave the kernel's settings, which kubelets change, as they were when the last one goes", async () => {
    assert.equal(await panic(), "10", "no kubelet has changed it");
    await hosts.down(lab);
    assert.equal(await panic(), "7", "if yet another lab stands on this machine, it is for that one to do");
  });
});
