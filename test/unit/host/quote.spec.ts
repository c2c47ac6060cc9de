import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { shellQuote } from "../../../components/host/quote";
import { need } from "../support/programs";

/** Texts with what shells read as more than themselves. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...Array.from("'\"\\$`!*?[]{}()<>|&;~#= \t\n-%@é€")),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  maxLength: 30,
});

describe("shellQuote", () => {
  it("leaves plain words as they are", () => {
    for (const word of ["worker-1", "192.168.10.101:6443", "a/b_c=d,e@f%g+h"])
      assert.equal(shellQuote(word), word);
  });

  it("quotes the empty word and quotes themselves", () => {
    assert.equal(shellQuote(""), "''");
    assert.equal(shellQuote("it's"), "'it'\\''s'");
  });

  it("refuses a NUL character, which no word can hold", () => {
    assert.throws(() => shellQuote("a\0b"), /^Error: a shell word can't hold a NUL character: "a\\u0000b"$/);
  });

  for (const shell of ["bash", "dash"]) {
    it(`lets any text through ${shell} unchanged`, function () {
      need(this, shell);
      fc.assert(
        fc.property(
          fc.array(
            anyText.filter((text) => !text.includes("\0")),
            { minLength: 1, maxLength: 40 },
          ),
          (words) => {
            const line = `printf '%s\\0' ${words.map(shellQuote).join(" ")}`;
            const { stdout } = spawnSync(shell, ["-c", line], { encoding: "utf8" });
            assert.deepEqual(stdout.split("\0").slice(0, -1), words);
          },
        ),
        { numRuns: 50 },
      );
    });
  }
});
