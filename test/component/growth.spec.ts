import assert from "node:assert/strict";
import { parseCluster } from "../../components/spec/parse";
import { exampleHostKey } from "../unit/spec/exampleKeys";
import type { Run } from "./support/engine";
import { build, exampleRun, PRIVATE_KEY, written, type StackName, type Written } from "./support/stacks";

/** Names of the resources whose inputs differ between two runs, and of those that only one has. */
function differences(before: Run, after: Run): { changed: string[]; added: string[]; removed: string[] } {
  const [a, b] = [before, after].map((run) => new Map(run.all.map((asked) => [asked.urn, asked]))) as [
    Map<string, Run["all"][number]>,
    Map<string, Run["all"][number]>,
  ];
  const names = (run: Run, wanted: (urn: string) => boolean) =>
    run.all.filter(({ urn }) => wanted(urn)).map(({ name }) => name);
  return {
    changed: names(
      before,
      (urn) => b.has(urn) && JSON.stringify(a.get(urn)?.inputs) !== JSON.stringify(b.get(urn)?.inputs),
    ),
    added: names(after, (urn) => !a.has(urn)),
    removed: names(before, (urn) => !b.has(urn)),
  };
}

describe("a worker that is added", () => {
  for (const stack of ["small", "medium", "large"] satisfies StackName[]) {
    it(`changes nothing but the checks, and the figures that the ${stack} example shows`, async () => {
      const config = written(stack, ({ hosts }) =>
        hosts.push({
          name: "worker-new",
          address: "192.168.10.199",
          role: "worker",
          ssh: { hostKey: exampleHostKey("a new worker") },
        }),
      );
      const { name } = parseCluster(config);
      assert.deepEqual(differences(await exampleRun(stack), await buildLike(config)), {
        changed: [name, `${name}-master-master-1-check`],
        added: [
          `${name}-worker-worker-new`,
          `${name}-worker-worker-new-script`,
          `${name}-worker-worker-new-prepare`,
          `${name}-worker-worker-new-join`,
        ],
        removed: [],
      });
    });
  }

  it("comes away again without a trace on the others", async () => {
    const config = written("medium", (cluster) => {
      cluster.hosts = cluster.hosts.filter((host) => host["name"] !== "worker-07");
    });
    const { changed } = differences(await exampleRun("medium"), await buildLike(config));
    assert.deepEqual(changed, ["medium", "medium-master-master-1-check"]);
  });
});

/** What another cluster asks for, built with the key of the example. */
function buildLike(config: Written): Promise<Run> {
  return build(parseCluster(config, { builtWith: {} }), { privateKey: PRIVATE_KEY });
}
