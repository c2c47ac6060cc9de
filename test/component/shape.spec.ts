import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const COMPONENTS = join(__dirname, "..", "..", "components");

interface Component {
  file: string;
  name: string;
  constructor: ts.ConstructorDeclaration | undefined;
  source: ts.SourceFile;
}

function componentsOf(file: string): Component[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  return source.statements
    .filter(ts.isClassDeclaration)
    .filter((one) =>
      one.heritageClauses?.some((clause) => /\bComponentResource\b/.test(clause.getText(source))),
    )
    .map((one) => ({
      file,
      name: one.name?.text ?? "",
      constructor: one.members.find(ts.isConstructorDeclaration),
      source,
    }));
}

const ALL = readdirSync(COMPONENTS, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => componentsOf(join(COMPONENTS, file)));

describe("shape of a component", () => {
  it("is looked at for all of them", () => {
    assert.ok(ALL.length >= 10, `only ${ALL.length} are found`);
  });

  for (const { name, constructor, source } of ALL) {
    it(`is kept by ${name}`, () => {
      assert.ok(constructor?.body, "no constructor");
      const parameters = constructor.parameters.map((parameter) => parameter.getText(source));
      assert.equal(parameters[0], "name: string");
      assert.match(parameters[1] ?? "", /^args: \w+$/);
      assert.equal(parameters[2], "opts?: pulumi.ComponentResourceOptions");
      assert.equal(parameters.length, 3);
      const statements = constructor.body.statements.map((statement) => statement.getText(source));
      const token = `ha-kubernetes:index:${name}`;
      assert.match(
        statements[0] ?? "",
        new RegExp(`^super\\(\\s*"${token}",\\s*name,[^]*\\bopts,?\\s*\\);$`),
      );
      assert.match(statements.at(-1) ?? "", /^this\.registerOutputs\(/);
      // Behind an await the base class has long registered nothing.
      assert.doesNotMatch(constructor.body.getText(source), /\bawait\b|\bthen\(/);
      // A resource that is made in apply is missing from the preview.
      assert.doesNotMatch(
        constructor.body.getText(source),
        /apply\([^]*?\bnew (remote|tls|random|kubernetes)\./,
      );
    });
  }
});
