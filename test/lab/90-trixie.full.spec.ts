import { strict as assert } from "node:assert";
import { hostsOf } from "../../lab/shape";
import { fresh, nothing } from "./fresh";
import { assertOneCluster } from "./oneCluster";
import { on, up } from "./support";

const SHAPE = { topology: "stacked", masters: 3, workers: 3 } as const;

describe("hosts with Debian 13", () => {
  before(async () => {
    process.env["LAB_SUITE"] = "trixie";
    await fresh(SHAPE);
  });

  after(async () => {
    delete process.env["LAB_SUITE"];
    await nothing();
  });

  it("run it", async () => {
    for (const { name } of hostsOf(SHAPE))
      assert.equal(await on(name, ". /etc/os-release; echo $VERSION_CODENAME"), "trixie", name);
  });

  it("become a cluster that passes its checks", async () => {
    const { steps } = await up();
    const check = steps.find(({ name }) => name === "lab-master-m1-check");
    assert(check?.parts && !/^fail/m.test(check.parts), check?.parts);
    await assertOneCluster();
  });

  it("change nothing the second time", async () => {
    assert.deepEqual(Object.keys((await up()).changes), ["same"]);
  });
});
