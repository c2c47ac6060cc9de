/** `RandomPassword` and `RandomString` (hashicorp/terraform-provider-random: resource_password.go, resource_string.go). */
import { plannedResource, type Plan } from "../wire/planned";
import type { Failure, Resource } from "../wire/resource";
import type { Props, Value } from "../wire/values";
import { bcrypt } from "./bcrypt";
import { sparesKeepers } from "./keepers";
import { randomText } from "./text";

const MINIMA = ["minUpper", "minLower", "minNumeric", "minSpecial"];

const textPlan = {
  required: ["length"],
  optional: [...MINIMA, "keepers", "special", "upper", "lower", "number", "numeric", "overrideSpecial"],
  defaults: {
    special: true,
    upper: true,
    lower: true,
    minUpper: 0,
    minLower: 0,
    minNumeric: 0,
    minSpecial: 0,
  },
  complete,
  validate,
  spares(name: string, before: Value | undefined, now: Value | undefined): boolean {
    if (name === "overrideSpecial") return now === undefined && before === "";
    return name === "keepers" && sparesKeepers(before, now);
  },
} satisfies Partial<Plan>;

/** `random:index/randomPassword:RandomPassword`: a secret text and its bcrypt hash; its id says nothing. */
export const randomPassword: Resource = plannedResource({
  ...textPlan,
  computed: ["result", "bcryptHash"],
  secrets: ["result", "bcryptHash"],
  async make(inputs) {
    const result = generate(inputs);
    return {
      id: "none",
      computed: { result, bcryptHash: await bcrypt(result), __meta: '{"schema_version":"3"}' },
    };
  },
});

/** `random:index/randomString:RandomString`: a text that is no secret; it is its own id. */
export const randomString: Resource = plannedResource({
  ...textPlan,
  computed: ["result"],
  async make(inputs) {
    const result = generate(inputs);
    return { id: result, computed: { result, __meta: '{"schema_version":"2"}' } };
  },
});

/** `number` is the old name of `numeric`; each follows the other, and both are on if neither is given. */
function complete(inputs: Props): Props {
  const numeric = inputs["numeric"] ?? inputs["number"] ?? true;
  return { ...inputs, numeric, number: inputs["number"] ?? numeric };
}

function validate(inputs: Props): Failure[] {
  const failures: Failure[] = [];
  const length = inputs["length"];
  if (typeof length === "number") {
    const least = MINIMA.reduce((sum, name) => sum + Number(inputs[name] ?? 0), 0);
    if (length < 1) failures.push({ property: "length", reason: `value must be at least 1, got: ${length}` });
    else if (length < least) {
      failures.push({
        property: "length",
        reason: `value must be at least sum of min_upper + min_lower + min_numeric + min_special, got: ${length}`,
      });
    }
  }
  const { number, numeric } = inputs;
  if (number !== numeric && typeof number === "boolean" && typeof numeric === "boolean") {
    failures.push({
      property: "number",
      reason:
        "Number and numeric are both configured with different values: number is deprecated, use numeric instead",
    });
  }
  if (["special", "upper", "lower", "numeric"].every((name) => inputs[name] === false)) {
    failures.push({
      property: "numeric",
      reason: "at least one of special, upper, lower, numeric must be true",
    });
  }
  return failures;
}

function generate(inputs: Props): string {
  const on = (name: string): boolean => inputs[name] === true;
  const count = (name: string): number => Number(inputs[name] ?? 0);
  return randomText({
    length: count("length"),
    upper: on("upper"),
    lower: on("lower"),
    numeric: on("numeric"),
    special: on("special"),
    minUpper: count("minUpper"),
    minLower: count("minLower"),
    minNumeric: count("minNumeric"),
    minSpecial: count("minSpecial"),
    overrideSpecial: String(inputs["overrideSpecial"] ?? ""),
  });
}
