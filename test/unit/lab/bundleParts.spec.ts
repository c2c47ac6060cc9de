import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PARTS } from "../../../lab/shape";

const LAB = join(__dirname, "../../../lab");

/** In the place of the tools: says what was asked for, and ends it there. */
const TOOLS = `#!/bin/bash
echo "$*" >&2
exit 7
`;

describe("the lab's bundle", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "ha-kubernetes-bundle-"));
    for (const part of ["bundle", "images"]) cpSync(join(LAB, part), join(folder, part), { recursive: true });
    mkdirSync(join(folder, "tools"));
    writeFileSync(join(folder, "tools/build.sh"), TOOLS, { mode: 0o755 });
  });
  after(() => rmSync(folder, { recursive: true }));

  /** The tools that a bundle without some parts asks for. */
  function asks(...without: string[]): string[] {
    const { stderr, status } = spawnSync(
      "bash",
      [join(folder, "bundle/build.sh"), ...without.flatMap((part) => ["--without", part])],
      { encoding: "utf8", env: { ...process.env, HA_KUBERNETES_CACHE: join(folder, "cache") } },
    );
    assert.equal(status, 7, stderr);
    const [dir, ...tools] = stderr.trim().split(" ");
    assert.equal(dir, "--dir");
    return tools;
  }

  it("asks for nothing that only parts need which it goes without, down to none of them", () => {
    const all = asks();
    assert.ok(all.includes("prometheus") && all.includes("velero"));
    assert.deepEqual(
      asks("backup"),
      all.filter((tool) => !tool.startsWith("velero")),
    );
    assert.deepEqual(asks(...PARTS), [
      "kubernetes@1.36.4",
      ...["etcd", "containerd", "cni-plugins", "runc", "coredns", "kube-router", "pause", "agnhost"],
    ]);
  });
});
