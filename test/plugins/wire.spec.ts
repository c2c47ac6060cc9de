/** The value marks, the comparison and the quoting; says nothing about the engine. */
import assert from "node:assert/strict";
import { goQuote } from "../../lab/plugins/command/go-quote";
import { LineLog } from "../../lab/plugins/command/line-log";
import { compare, topLevel } from "../../lab/plugins/wire/diff";
import { engineAddress } from "../../lab/plugins/wire/serve";
import {
  assetValue,
  hasUnknown,
  isSecret,
  isUnknown,
  plain,
  readAsset,
  secret,
  UNKNOWN,
} from "../../lab/plugins/wire/values";

describe("plugins: values", () => {
  it("opens secrets at any depth and marks each once", () => {
    const value = { a: secret({ b: [secret("c")] }) };
    assert.deepEqual(plain(value), { a: { b: ["c"] } });
    assert.deepEqual(secret(secret("x")), secret("x"));
    assert.equal(isSecret(value), false);
    assert.equal(isSecret(value.a), true);
  });

  it("finds what is not known through secrets, lists and objects", () => {
    assert.equal(isUnknown(secret(UNKNOWN)), true);
    assert.equal(hasUnknown({ a: [{ b: secret(UNKNOWN) }] }), true);
    assert.equal(hasUnknown({ a: ["b", null, 1] }), false);
    assert.equal(isUnknown("3eeb2bf0-c639-47a8-9e75-3b44932eb421"), true, "the engine's unknown number");
  });

  it("reads assets and archives, an empty text too", () => {
    assert.deepEqual(readAsset(assetValue({ kind: "asset", hash: "h", text: "" })), {
      kind: "asset",
      hash: "h",
      text: "",
    });
    assert.deepEqual(readAsset(secret(assetValue({ kind: "archive", path: "p" }))), {
      kind: "archive",
      path: "p",
    });
    assert.equal(readAsset({ path: "p" }), undefined);
  });
});

describe("plugins: comparison", () => {
  const differences = (a: Parameters<typeof compare>[0], b: typeof a) => Object.fromEntries(compare(a, b));

  it("names the paths that came, went and changed", () => {
    assert.deepEqual(
      differences(
        { a: { b: 1, c: 2 }, d: ["x", "y"], e: null },
        { a: { b: 1, c: 3 }, d: ["x"], f: 1, e: null },
      ),
      { "a.c": "update", "d[1]": "delete", f: "add" },
    );
  });

  it("takes a secret as one value, and a lost secret mark as a change", () => {
    assert.deepEqual(differences({ a: secret({ b: 1 }) }, { a: secret({ b: 2 }) }), { a: "update" });
    assert.deepEqual(differences({ a: secret({ b: 1 }) }, { a: secret({ b: 1 }) }), {});
    assert.deepEqual(differences({ a: secret("x") }, { a: "x" }), { a: "update" });
  });

  it("compares assets by hash, not by path", () => {
    const asset = (path: string, hash: string) => ({ a: assetValue({ kind: "asset", path, hash }) });
    assert.deepEqual(differences(asset("p", "h"), asset("q", "h")), {});
    assert.deepEqual(differences(asset("p", "h"), asset("p", "i")), { a: "update" });
  });

  it("sees an unknown value as a change and does not fail on it", () => {
    assert.deepEqual(differences({ a: { b: "x" } }, { a: UNKNOWN }), { a: "update" });
    assert.deepEqual(differences({ a: { b: UNKNOWN } }, { a: { b: "x" } }), { "a.b": "update" });
  });

  it("writes odd names so that the engine reads them back", () => {
    assert.deepEqual(differences({ 'a.b"c': 1 }, { 'a.b"c': 2 }), { '["a.b\\"c"]': "update" });
    assert.equal(topLevel('["a.b"].c'), "a.b");
    assert.equal(topLevel("triggers[0]"), "triggers");
  });
});

describe("plugins: small parts", () => {
  it("quotes as Go's %q", () => {
    assert.equal(
      goQuote('echo "ä"\n\t\\ \u0001\u00a0\u200b😀\x7f'),
      '"echo \\"ä\\"\\n\\t\\\\ \\x01\\u00a0\\u200b😀\\x7f"',
    );
  });

  it("cuts lines across pieces and characters", () => {
    const said: string[] = [];
    const lines = new LineLog((line) => said.push(line));
    const bytes = Buffer.from("eins\nzwölf\r\nrest");
    for (const byte of bytes) lines.write(Buffer.of(byte));
    lines.end();
    assert.deepEqual(said, ["eins", "zwölf", "rest"]);
  });

  it("finds the engine's address behind flags", () => {
    assert.equal(
      engineAddress(["--logtostderr", "-v=9", "--tracing", "file:x", "127.0.0.1:1"]),
      "127.0.0.1:1",
    );
    assert.equal(engineAddress([]), undefined);
  });
});
