/** The whole script of each role, as it is copied to the hosts; what it does there is for test/lab to prove. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseCluster } from "../../components/spec/parse";
import type { ClusterSpec } from "../../components/spec/types";
import { assertGoldenOf, lineDiff } from "../golden/golden";
import { need } from "../unit/support/programs";
import type { Wire } from "./support/engine";
import { build, example, exampleRun, written } from "./support/stacks";
import { text } from "./support/wire";

const ROLES = ["etcd", "master", "worker", "loadbalancer"] as const;
type RoleName = (typeof ROLES)[number];

/** Scripts by role. */
async function scriptsOf(cluster: ClusterSpec): Promise<Partial<Record<RoleName, string>>> {
  const run = await build(cluster);
  const paths = run.of("command:remote:CopyToRemote").map(({ inputs }) => {
    return text((inputs["source"] as Record<string, Wire>)["path"]);
  });
  return Object.fromEntries(
    [...new Set(paths)].map((path) => {
      const script = readFileSync(path, "utf8");
      return [/^# Role "(\w+)" of ha-kubernetes/m.exec(script)?.[1] ?? "", script];
    }),
  );
}

const external = scriptsOf(example("small"));
const stacked = scriptsOf(example("stacked"));

async function script(role: RoleName, from = external): Promise<string> {
  const found = (await from)[role];
  assert.ok(found, `no script of role ${role}`);
  return found;
}

describe("script of role", () => {
  for (const role of ROLES) {
    it(role, async function () {
      assertGoldenOf(this, await script(role));
    });
  }

  it("master with stacked etcd, against external", async function () {
    assertGoldenOf(this, `${lineDiff(await script("master"), await script("master", stacked))}\n`);
  });

  it("worker with kube-router, against Calico", async function () {
    assertGoldenOf(this, `${lineDiff(await script("worker"), await script("worker", stacked))}\n`);
  });

  for (const source of ["mirror", "bundle"] as const) {
    it(`worker from a ${source}, against upstream`, async function () {
      const config = written("small", (cluster) => {
        cluster["artifacts"] = {
          source,
          baseUrl: "https://files.example.com/kubernetes/",
          ...(source === "mirror"
            ? { registryMirror: "https://registry.example.com" }
            : { manifestSha256: "5".repeat(64) }),
        };
      });
      const other = await script("worker", scriptsOf(parseCluster(config)));
      assertGoldenOf(this, `${lineDiff(await script("worker"), other)}\n`);
    });
  }
});

describe("every role's script", () => {
  const each = async (check: (script: string, title: string) => void) => {
    for (const role of ROLES) check(await script(role), role);
    check(await script("master", stacked), "master with stacked etcd");
  };

  it("is read by bash", async () => {
    await each((script, title) => {
      const { status, stderr } = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
      assert.equal(status, 0, `${title}: ${stderr}`);
    });
  });

  it("is found good by shellcheck as a whole", async function () {
    need(this, "shellcheck");
    const roles = new Set<string>();
    await each((script, title) => {
      // One of each role: what stacks differ in are variables and embedded files.
      const role = /^# Role "(\w+)"/m.exec(script)?.[1] ?? "";
      if (roles.has(role)) return;
      roles.add(role);
      // A function that takes arguments may be called without any, as node_prepare is by a worker.
      const args = ["--norc", "--exclude", "SC2119,SC2120", "-"];
      const found = spawnSync("shellcheck", args, { input: script, encoding: "utf8" });
      assert.equal(found.status, 0, `${title}: ${found.stdout}`);
    });
  });

  it("fills in every parameter of its files from what the host is given or finds", async () => {
    const lines = (await exampleRun("small"))
      .of("command:remote:Command")
      .map(({ inputs }) => text(inputs["create"]));
    await each((script, title) => {
      for (const [, file = ""] of script.matchAll(/<<'HA_KUBERNETES_EOF'\n([^]*?)HA_KUBERNETES_EOF\n/g)) {
        for (const [, name = ""] of file.matchAll(/@(\w+)@/g)) {
          const given = lines.some((line) => line.includes(` ${name}=`));
          assert.ok(given || script.includes(`param[${name}]=`), `${title}: nobody fills in @${name}@`);
        }
      }
    });
  });
});
