import { deepEqual, match, ok } from "node:assert/strict";
import type { Planned, Rule } from "../../../policies/rule";
import { RULES } from "../../../policies/rules";
import { budget, CASES, deployment } from "./cases";

/** Everything that a rule says of a plan. */
const said = (rule: Rule, plan: readonly Planned[]) => plan.flatMap((resource) => rule.judge(resource, plan));

describe("policies", () => {
  for (const rule of RULES) {
    it(`${rule.name} says what is wrong with its cure, and nothing of a plan that keeps it`, () => {
      const { breaks, says, keeps, also = [] } = CASES[rule.name]!;
      const problems = said(rule, breaks);
      ok(problems.length > 0);
      for (const problem of problems) match(problem, says);
      deepEqual(said(rule, keeps), []);
      for (const [resource, what] of also) match(said(rule, [resource]).join("\n"), what);
    });
  }

  it("have one case each", () => {
    deepEqual(Object.keys(CASES).sort(), RULES.map(({ name }) => name).sort());
  });

  it("read a budget's selector as the API does", () => {
    const rule = RULES.find(({ name }) => name === "disruption-budget")!;
    const covers = (key: string, operator: string, values?: string[]) =>
      said(rule, [deployment(), budget({ matchExpressions: [{ key, operator, ...(values && { values }) }] })])
        .length === 0;
    deepEqual([covers("app", "In", ["web", "shop"]), covers("app", "In", ["shop"])], [true, false]);
    deepEqual([covers("app", "NotIn", ["shop"]), covers("app", "NotIn", ["web"])], [true, false]);
    deepEqual([covers("app", "Exists"), covers("tier", "Exists")], [true, false]);
    deepEqual([covers("tier", "DoesNotExist"), covers("app", "DoesNotExist")], [true, false]);
    deepEqual(covers("app", "Near", ["web"]), false);
  });

  it("take no exception without a reason", () => {
    const rule = RULES.find(({ name }) => name === "more-than-one-replica")!;
    const [web] = CASES[rule.name]!.breaks as [Planned];
    const annotations = { [`policy.ha-kubernetes.io/${rule.name}`]: " " };
    const props = { ...web.props, metadata: { ...(web.props["metadata"] as object), annotations } };
    deepEqual(said(rule, [{ ...web, props }]).length, 1);
  });
});
