import assert from "node:assert/strict";
import type { Run } from "./support/engine";
import { exampleRun, smallWith } from "./support/stacks";
import { inClear } from "./support/wire";

const check = (run: Run) => run.named("dev-master-master-1-check");

/** What the checks are told: the namespaces whose pods they look at, and what stands for all services. */
function told(run: Run): { spaces: string | undefined; services: string | undefined } {
  const text = JSON.stringify(inClear(check(run).inputs));
  const value = (name: string) => new RegExp(`${name}='?([\\w,-]+)`).exec(text)?.[1];
  return { spaces: value("namespaces"), services: value("services") };
}

describe("the checks of a cluster", () => {
  it("look at the services once they serve, and again when one of them changes", async () => {
    const run = await exampleRun("small");
    for (const name of ["dev-monitoring-prometheus", "dev-logs-store", "dev-metrics-server"])
      assert.ok(run.waitsFor(check(run)).includes(name), name);
    const [before, after] = [told(run).services, told(await smallWith("logs", { enabled: false })).services];
    assert.ok(before !== undefined && after !== undefined && before !== after, `${before} ${after}`);
  });

  it("look at samples too, but for the database, which is promoted with a host dead", async () => {
    const samples = { webApp: true, distributedApp: true, nginxHa: true, mysql: { enabled: true } };
    const look = async (more: object) => told(await smallWith("samples", { ...samples, ...more }));
    const before = await look({});
    assert.match(before.spaces ?? "", /,web-app,distributed-app,nginx-ha$/);
    assert.notEqual((await look({ nginxImage: "docker.io/library/nginx:1.28.1" })).services, before.services);
    assert.deepEqual(await look({ mysql: { enabled: true, primary: "mysql-1" } }), before);
  });
});
