import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { mkdtemp, realpath, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../lab/run";
import { kubectl, lab, ready, saveKubeconfig, up } from "./support";

const SHAPE = { topology: "stacked", masters: 3, workers: 3 } as const;

describe("two labs of two checkouts", () => {
  let root = "";
  const second = (...words: string[]) =>
    run("npm", ["run", "--silent", "lab", "--", ...words], { cwd: root });
  const nodesReady = (nodes: string) => nodes.match(/ Ready /g)?.length;

  before(async () => {
    await ready(SHAPE);
    await up();
    await saveKubeconfig();
    root = join(await realpath(await mkdtemp(join(tmpdir(), "ha-kubernetes-second-"))), "checkout");
    await run("git", ["clone", "--quiet", lab.root, root]);
    await run("cp", ["-al", join(lab.root, "node_modules"), root]);
    // Newer than the clone's package-lock.json, or npm would fetch all again.
    await utimes(join(root, "node_modules", ".package-lock.json"), new Date(), new Date());
  });

  after(async () => {
    if (root) await second("down");
    await rm(join(root, ".."), { recursive: true, force: true });
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
});
