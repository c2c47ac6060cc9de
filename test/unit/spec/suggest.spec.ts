import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { editDistance, suggest } from "../../../components/spec/suggest";

const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });

describe("edit distance", () => {
  for (const [a, b, distance] of [
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "abc", 0],
    ["abc", "abd", 1],
    ["abc", "ab", 1],
    ["abc", "xabc", 1],
    ["ab", "ba", 1],
    ["abcd", "acbd", 1],
    ["abcd", "badc", 2],
    ["ca", "abc", 3],
    ["kitten", "sitting", 3],
  ] as const) {
    it(`from "${a}" to "${b}" is ${distance}`, () => equal(editDistance(a, b), distance));
  }

  it("is the same in both directions, and none only between equal words", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        equal(editDistance(a, b), editDistance(b, a));
        equal(editDistance(a, b) === 0, a === b);
      }),
    );
  });

  it("is never more than the longer word, nor less than the difference in length", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        ok(editDistance(a, b) <= Math.max(a.length, b.length));
        ok(editDistance(a, b) >= Math.abs(a.length - b.length));
      }),
    );
  });
});

describe("suggestion", () => {
  for (const [typed, meant] of [
    ["adress", "address"],
    ["Name", "name"],
    ["hsots", "hosts"],
    ["zonne", "zone"],
    ["naem", "name"],
    ["mane", undefined],
    ["xy", undefined],
    ["datacenter", undefined],
  ] as const) {
    it(`for ${typed} is ${meant ?? "none"}`, () =>
      equal(suggest(typed, ["name", "address", "zone", "hosts"]), meant));
  }

  it("is not a word with more than a third of its letters wrong", () => {
    equal(suggest("zome", ["zone"]), "zone");
    equal(suggest("zame", ["zone"]), undefined);
  });
});
