import { deepEqual, match, ok } from "node:assert/strict";
import type { Planned, Rule } from "../../../policies/rule";
import { RULES } from "../../../policies/rules";
import { CASES } from "./cases";

/** Everything that a rule says of a plan. */
const said = (rule: Rule, plan: readonly Planned[]) => plan.flatMap((resource) => rule.judge(resource, plan));

describe("policies", () => {
  for (const rule of RULES) {
    it(`${rule.name} says what is wrong with its cure, and nothing of a plan that keeps it`, () => {
      const { breaks, says, keeps } = CASES[rule.name]!;
      const problems = said(rule, breaks);
      ok(problems.length > 0);
      for (const problem of problems) match(problem, says);
      deepEqual(said(rule, keeps), []);
    });
  }

  it("have one case each", () => {
    deepEqual(Object.keys(CASES).sort(), RULES.map(({ name }) => name).sort());
  });

  it("take no exception without a reason", () => {
    const rule = RULES.find(({ name }) => name === "more-than-one-replica")!;
    const [web] = CASES[rule.name]!.breaks as [Planned];
    const annotations = { [`policy.ha-kubernetes.io/${rule.name}`]: " " };
    const props = { ...web.props, metadata: { ...(web.props["metadata"] as object), annotations } };
    deepEqual(said(rule, [{ ...web, props }]).length, 1);
  });
});
