import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { ROOT } from "./markdown";

/** One argument or output as its declaration says it. */
interface Member {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly meaning: string;
}

/** One exported component. */
export interface Component {
  readonly name: string;
  readonly file: string;
  readonly token: string;
  readonly meaning: string;
  readonly args: readonly Member[];
  readonly outputs: readonly Member[];
}

/** Every component that components/index.ts exports, in the order of their names; read from the syntax alone. */
export function components(): Component[] {
  const files = exportedFiles(join(ROOT, "components", "index.ts"));
  const sources = [...files].map((file) =>
    ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true),
  );
  const interfaces = sources.flatMap((source) => source.statements.filter(ts.isInterfaceDeclaration));
  return sources
    .flatMap((source) =>
      source.statements.filter(ts.isClassDeclaration).flatMap((one) => component(source, one, interfaces)),
    )
    .sort((a, b) => a.name.localeCompare(b.name, "en"));
}

/** The components as Markdown: one heading and two tables each. */
export function componentPages(): string {
  return components()
    .map(({ name, file, token, meaning, args, outputs }) =>
      [
        `## ${name}\n`,
        `${meaning}\n`,
        `Token \`${token}\`, [${file}](../${file}).\n`,
        table("Argument", args),
        ...(outputs.length > 0 ? [table("Output", outputs)] : []),
      ].join("\n"),
    )
    .join("\n");
}

function table(title: string, members: readonly Member[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replace(/\s+/g, " ");
  const rows = members.map(
    ({ name, type, required, meaning }) =>
      `| \`${name}${required ? "" : "?"}\` | \`${cell(type)}\` | ${cell(meaning)} |\n`,
  );
  return `| ${title} | Type | Meaning |\n| --- | --- | --- |\n${rows.join("")}`;
}

/** The file and what it exports from others. */
function exportedFiles(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, from] of readFileSync(file, "utf8").matchAll(/^export .*from "(\.[^"]+)";$/gm)) {
    const base = resolve(dirname(file), from ?? "");
    const target = [`${base}.ts`, join(base, "index.ts")].find((one) => ts.sys.fileExists(one));
    if (target !== undefined) exportedFiles(target, seen);
  }
  return seen;
}

function component(
  source: ts.SourceFile,
  declaration: ts.ClassDeclaration,
  interfaces: readonly ts.InterfaceDeclaration[],
): Component[] {
  const parent = declaration.heritageClauses?.[0]?.types[0]?.expression.getText();
  const constructor = declaration.members.find(ts.isConstructorDeclaration);
  const token = /super\(\s*"([^"]+)"/.exec(constructor?.getText() ?? "")?.[1];
  if (parent !== "pulumi.ComponentResource" || declaration.name === undefined || token === undefined)
    return [];
  const argsType = constructor?.parameters[1]?.type?.getText();
  const isPublic = (one: ts.Node) => !/^private\b/.test(one.getText());
  return [
    {
      name: declaration.name.text,
      file: relative(ROOT, source.fileName),
      token,
      meaning: documentation(declaration),
      args: interfaces
        .filter((one) => one.name.text === argsType)
        .flatMap((one) => one.members.filter(ts.isPropertySignature).map(member)),
      outputs: declaration.members.filter(ts.isPropertyDeclaration).filter(isPublic).map(member),
    },
  ];
}

function member(node: ts.PropertySignature | ts.PropertyDeclaration): Member {
  return {
    name: node.name.getText(),
    type: node.type?.getText() ?? "",
    required: node.questionToken === undefined,
    meaning: documentation(node),
  };
}

/** The node's comment as one line, with links as plain names. */
function documentation(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return (ts.getTextOfJSDocComment(comments.at(-1)?.comment) ?? "")
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .replace(/\s+/g, " ")
    .trim();
}
