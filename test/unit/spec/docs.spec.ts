import { equal, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configDocument, configTable } from "../../../components/spec/docs";

const FILE = join(__dirname, "..", "..", "..", "docs", "config.md");

describe("docs/config.md", () => {
  it("is what the schema says (UPDATE_GOLDEN=1 writes it anew)", () => {
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(FILE, configDocument());
    equal(readFileSync(FILE, "utf8"), configDocument());
  });

  it("has a type, a default and a sentence for every key", () => {
    const rows = configTable().split("\n").slice(2, -1);
    ok(rows.length > 50);
    for (const row of rows) {
      const [, key, type, fallback, meaning] = row.split(" | ").length === 4 ? ["", ...row.split(" | ")] : [];
      ok(type !== undefined && type !== "" && meaning !== undefined && meaning.endsWith(". |"), row);
      ok(fallback !== "" || type === "group", `${key} has no default`);
    }
  });
});
