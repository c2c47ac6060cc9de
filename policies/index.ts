import { PolicyPack, type Policies, type StackValidationPolicy } from "@pulumi/policy";
import type { Planned, Rule } from "./rule";
import { RULES } from "./rules";

/** A resource of the plan, and the name by which the engine knows it. */
interface Noted extends Planned {
  readonly urn: string;
}

/** Inputs of every resource. At its end the engine shows a stack's outputs, which a preview mostly does not know. */
const plan: Noted[] = [];

const policies: Policies = [
  {
    name: "plan",
    description: "Notes what the others judge; it finds nothing itself.",
    enforcementLevel: "advisory",
    validateResource: ({ type, name, urn, props }) => {
      plan.push({ type, name, urn, props: plain(props) as Planned["props"] });
    },
  },
  // All of them look at the whole plan: some of what a resource needs is another resource.
  ...RULES.map(({ name, description, level, judge }: Rule): StackValidationPolicy => ({
    name,
    description,
    enforcementLevel: level,
    validateStack: (_, report) => {
      for (const resource of plan)
        for (const wrong of judge(resource, plan)) report(`${resource.name} ${wrong}.`, resource.urn);
    },
  })),
];

/** A copy without the SDK's watchers; what only `up` will know stands there as a text. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value.keys(), (i) => read(value, i));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.keys(value).map((key) => [key, read(value, key)]));
}

function read(from: object, key: PropertyKey): unknown {
  try {
    return plain(Reflect.get(from, key));
  } catch {
    return "(not known yet)";
  }
}

new PolicyPack("ha-kubernetes", { policies });
