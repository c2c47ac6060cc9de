import { readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "..", "..");

/** One Markdown file of the repository. */
export interface Page {
  /** Path from the root. */
  readonly file: string;
  readonly text: string;
}

/** Every Markdown file that is or will be committed. */
export function pages(): Page[] {
  const list = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z", "*.md"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return [...new Set(list.split("\0").filter(Boolean))].sort().map((file) => ({ file, text: read(file) }));
}

export function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}

/** The text without fenced code, where brackets mean something else. */
export function prose(text: string): string {
  return text.replace(/^(```|~~~)[\s\S]*?^\1.*$/gm, "").replace(/`[^`\n]*`/g, "");
}

/** Everything that is meant to be typed or read as code: fenced blocks and words in backticks. */
export function code(text: string): string[] {
  const fenced = [...text.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, body]) => body ?? "");
  return [...fenced, ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, body]) => body ?? "")];
}

/** Targets of links and images. */
export function links(text: string): string[] {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? "");
}

/** GitHub's anchor of each heading. */
export function anchors(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    (title ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** What stands between `<!-- NAME: ... -->` and `<!-- /NAME -->`. */
export function section(text: string, name: string): string {
  return sectionOf(text, name)[1];
}

/** Puts a text between the marks of a section, and keeps the rest of the file. */
export function writeSection(file: string, name: string, body: string): void {
  const [before, , after] = sectionOf(read(file), name);
  writeFileSync(join(ROOT, file), before + body + after);
}

/** True if the tests are to write what they compare with (UPDATE_GOLDEN=1). */
export const updating = process.env["UPDATE_GOLDEN"] === "1";

function sectionOf(text: string, name: string): [string, string, string] {
  const begin = new RegExp(`<!-- ${name}: [^\\n]*-->\\n`).exec(text);
  const end = text.indexOf(`<!-- /${name} -->`);
  if (begin === null || end < 0) throw new Error(`no section <!-- ${name}: ... --> with its end`);
  const from = begin.index + begin[0].length;
  return [text.slice(0, from), text.slice(from, end), text.slice(end)];
}
