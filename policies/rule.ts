/** A resource of a plan, as far as the rules look at it. */
export interface Planned {
  /** Pulumi's type: "kubernetes:apps/v1:Deployment". */
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** One rule: what it is called, how grave it is, and what is wrong with a plan, each with its cure. */
export interface Rule {
  readonly name: string;
  /** `mandatory` stops the plan, `advisory` is read. */
  readonly level: "mandatory" | "advisory";
  readonly description: string;
  /** What is wrong with one resource of the plan, seen among all of it. */
  readonly judge: (resource: Planned, plan: readonly Planned[]) => string[];
}

/** Annotation that argues an exception: `policy.ha-kubernetes.io/RULE: why`. */
const EXCEPTION = "policy.ha-kubernetes.io/";

/** The rule, but for objects that argue an exception from it: their annotation must say why. */
export function arguable(rule: Rule): Rule {
  return {
    ...rule,
    judge: (resource, plan) => {
      const why = textAt(resource.props, "metadata", "annotations", `${EXCEPTION}${rule.name}`);
      return why !== undefined && why.trim() !== "" ? [] : rule.judge(resource, plan);
    },
  };
}

/** How a rule says that an exception can be argued. */
export function orArgue(rule: string): string {
  return `or say why not in its annotation ${EXCEPTION}${rule}`;
}

/** The value below these keys, if all of them are there. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

/** The text there, if it is one. */
export function textAt(value: unknown, ...path: (string | number)[]): string | undefined {
  const text = at(value, ...path);
  return typeof text === "string" ? text : undefined;
}

/** The list there; none is an empty one. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? list : [];
}
