import { strict as assert } from "node:assert";
import { configTable, profileTable } from "../../components/spec/docs";
import { read, section, updating, writeSection } from "./markdown";

const TABLES = { "config table": configTable, "profile table": profileTable };

describe("README.md", () => {
  for (const [name, table] of Object.entries(TABLES)) {
    it(`has the ${name} that the code has (UPDATE_GOLDEN=1 writes it anew)`, () => {
      if (updating) writeSection("README.md", name, table());
      assert.equal(section(read("README.md"), name), table());
    });
  }

  it("shows the example program as it is", () => {
    assert(read("README.md").includes(read("examples/reuse/index.ts")), "examples/reuse/index.ts differs");
  });

  it("names both commands and the picture before anything else", () => {
    const first = read("README.md").split("\n").slice(0, 14).join("\n");
    for (const word of ["npm run lab", "pulumi up", "docs/architecture.svg"])
      assert(first.includes(word), word);
  });
});
