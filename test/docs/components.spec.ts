import { strict as assert } from "node:assert";
import { componentPages, components } from "./componentPages";
import { read, section, updating, writeSection } from "./markdown";

const FILE = "docs/components.md";

describe(FILE, () => {
  it("says what the code says (UPDATE_GOLDEN=1 writes it anew)", () => {
    if (updating) writeSection(FILE, "components", componentPages());
    assert.equal(section(read(FILE), "components"), componentPages());
  });

  it("has every part that may be used alone", () => {
    const names = components().map(({ name }) => name);
    for (const name of [
      "ControlPlane",
      "EtcdCluster",
      "HaCluster",
      "LoadBalancerPair",
      "Network",
      "Pki",
      "Workers",
    ])
      assert(names.includes(name), name);
  });

  for (const { name, token, meaning, args, outputs } of components()) {
    it(`${name} carries its own name in its token, and a sentence everywhere`, () => {
      assert.equal(token, `ha-kubernetes:index:${name}`);
      assert.notEqual(meaning, "");
      assert(args.length > 0, `${name} has no arguments`);
      for (const one of [...args, ...outputs])
        assert(one.meaning.endsWith("."), `${name}.${one.name}: ${one.meaning}`);
    });
  }
});
