import assert from "node:assert/strict";
import type { Run } from "./support/engine";
import { build, example, exampleRun, STACKS, type StackName } from "./support/stacks";

const ROLES = { loadbalancer: "lb", master: "master", etcd: "etcd", worker: "worker" } as const;

function names(run: Run): string[] {
  return run.all.map(({ type, name }) => `${type} ${name}`).sort();
}

describe("names of resources", () => {
  for (const stack of STACKS) {
    it(`come from role and host in the ${stack} example, never from a number`, async () => {
      const { name, hosts } = example(stack);
      const expected = [...hosts.loadBalancers, ...hosts.masters, ...hosts.etcd, ...hosts.workers].map(
        (host) => `${name}-${ROLES[host.role]}-${host.name}`,
      );
      const run = await exampleRun(stack);
      const found = run.of("ha-kubernetes:index:RemoteHost").map((host) => host.name);
      assert.deepEqual(found.sort(), expected.sort());
    });
  }

  // The first of a role is removed, so that a name from a position would move to the next.
  const removals: [StackName, string][] = [
    ["large", "worker-01"],
    ["small", "etcd-1"],
    ["small", "master-1"],
    ["small", "lb-1"],
    ["stacked", "master-1"],
  ];
  for (const [stack, host] of removals) {
    it(`stay as they are when ${host} leaves the ${stack} example`, async () => {
      const without = example(stack, (config) => {
        config.hosts = config.hosts.filter((one) => one["name"] !== host);
      });
      const before = names(await exampleRun(stack));
      const after = names(await build(without));
      const own = new RegExp(`-${host}(-|$)`);
      assert.ok(before.some((name) => own.test(name)));
      // The checks run on one master, whichever is the first.
      const kept = (all: string[]) => all.filter((name) => !own.test(name) && !name.endsWith("-check"));
      assert.deepEqual(kept(after), kept(before));
      assert.equal(
        after.length,
        before.length - before.filter((name) => own.test(name)).length + moved(before, own),
      );
    });
  }
});

/** 1 if the checks ran on the host that leaves, and so run on another one now. */
function moved(before: string[], own: RegExp): number {
  return before.filter((name) => own.test(name) && name.endsWith("-check")).length;
}
