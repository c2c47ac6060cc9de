import { equal } from "node:assert/strict";
import { formatProblems, showValue } from "../../../components/spec/problems";
import { goodConfig, PRIVATE_KEY, problemsOf } from "./configs";

describe("a value in a message", () => {
  for (const [title, value, shown] of [
    ["nothing", undefined, "nothing"],
    ["an empty key", null, "null"],
    ["a short text, in quotes", "n", '"n"'],
    ["60 characters in full", "x".repeat(58), `"${"x".repeat(58)}"`],
    ["61 characters without their middle", "x".repeat(59), `"${"x".repeat(43)}...${"x".repeat(11)}"`],
    ["a list of one", ["a"], "a list of 1"],
    ["a list of two", ["a", "b"], "a list of 2"],
    ["a group of keys", { a: 1 }, "a group of keys"],
    [
      "an address without its password",
      "https://ops:secret@m.example.com",
      '"https://(hidden)@m.example.com"',
    ],
    ["no private key", PRIVATE_KEY, "(a private key, not printed)"],
  ] as const) {
    it(`is shown as ${title}`, () => equal(showValue(value), shown));
  }

  it("names the type that is needed", () => {
    equal(
      problemsOf(goodConfig({ loadBalancer: { nopreempt: 1 } })).join(" / "),
      "loadBalancer.nopreempt: 1 is a number where true or false is needed / cure: write true or false, or delete the key",
    );
  });
});

describe("problems in print", () => {
  it("are two lines each: what was seen, and the cure", () => {
    const problems = ["a", "b"].map((path) => ({ path, value: "1", message: "is wrong", cure: "mend it" }));
    equal(formatProblems(problems), "- a: 1 is wrong\n  cure: mend it\n- b: 1 is wrong\n  cure: mend it");
  });
});
