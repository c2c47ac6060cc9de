import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { parseCluster } from "../../components/spec/parse";
import { anchors, code, links, pages, read, ROOT } from "./markdown";

describe("links between the documents", () => {
  for (const { file, text } of pages()) {
    it(`${file}: every relative link and anchor resolves`, () => {
      for (const link of links(text).filter((target) => !/^[a-z]+:/.test(target))) {
        const [path = "", anchor] = link.split("#");
        const target = path === "" ? file : join(dirname(file), path);
        assert(existsSync(join(ROOT, target)), `${link}: no ${target}`);
        if (anchor !== undefined) assert(anchors(read(target)).includes(anchor), `${link}: no such heading`);
      }
    });
  }

  it("every decision and every procedure is listed in the index of its folder", () => {
    for (const folder of ["docs/decisions", "docs/operations"]) {
      const index = read(`${folder}/README.md`);
      for (const { file } of pages())
        if (dirname(file) === folder && !file.endsWith("README.md"))
          assert(index.includes(`](${file.slice(folder.length + 1)})`), `${file} is not listed`);
    }
  });
});

describe("stacks that the documents name", () => {
  const named = new Set(
    pages().flatMap(({ text }) =>
      [...text.matchAll(/(?:examples\/stacks\/)?Pulumi\.[\w-]+\.yaml/g)].map(([f]) => f),
    ),
  );
  // Made by a reader, or by the lab.
  const others = ["Pulumi.mysite.yaml", "Pulumi.STACK.yaml", "Pulumi.lab.yaml"];

  it("are some", () => assert(named.size > 3));

  for (const file of [...named].filter((name) => !others.includes(name)).sort()) {
    it(`${file} exists and is valid`, () => {
      const path = [file, join("examples", "stacks", file)].find((one) => existsSync(join(ROOT, one)));
      assert(path, `there is no ${file}`);
      const stack = parse(read(path)) as { config: Record<string, unknown> };
      parseCluster(stack.config["ha-kubernetes:cluster"]);
    });
  }
});

describe("what must not be in the documents", () => {
  for (const { file, text } of pages()) {
    it(`${file} names no path of one machine and no private key`, () => {
      for (const body of code(text))
        assert.doesNotMatch(body, /\/work\/|\/root\/\.cache|BEGIN [A-Z ]*PRIVATE KEY/);
    });
  }
});
