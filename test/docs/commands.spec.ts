import { strict as assert } from "node:assert";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { code, pages, read, ROOT } from "./markdown";

const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** The lab's own commands, as its command line declares them. */
const LAB = [...read("lab/cli.ts").matchAll(/(?:\.command\(|^pass\()"(\w+)"/gm)].map(([, name]) => name);

interface Named {
  readonly file: string;
  readonly line: string;
}

const lines: Named[] = pages().flatMap(({ file, text }) =>
  code(text).flatMap((body) => body.split("\n").map((line) => ({ file, line: line.replace(/\s+#.*$/, "") }))),
);

function matches(pattern: RegExp): { file: string; name: string }[] {
  return lines.flatMap(({ file, line }) =>
    [...line.matchAll(pattern)].map(([, name]) => ({ file, name: name ?? "" })),
  );
}

describe("commands that the documents name", () => {
  it("are scripts of package.json where npm runs them", () => {
    const named = matches(/\bnpm run (?:--silent )?([\w:-]+)/g);
    assert(named.length > 10);
    for (const { file, name } of named) assert(name in scripts, `${file}: npm run ${name} does not exist`);
  });

  it("are commands of the lab after npm run lab --", () => {
    const named = matches(/\bnpm run (?:--silent )?lab -- (\w+)/g);
    assert(named.length > 5);
    for (const { file, name } of named) assert(LAB.includes(name), `${file}: the lab has no command ${name}`);
  });

  it("are files of the repository where a shell runs them", () => {
    const named = matches(
      /(?:^|bash |\$\(|; )((?:lab|components|test|\.ci|\.github)\/[\w./-]+\.\w+|\.ci\/run)/g,
    );
    for (const { file, name } of named) assert(existsSync(join(ROOT, name)), `${file}: there is no ${name}`);
  });
});
