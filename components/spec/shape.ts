import { z } from "zod";
import { showValue } from "./problems";
import { clusterSchema, type ClusterConfig } from "./schema";
import { suggest } from "./suggest";
import type { Problem } from "./types";

/** A config of which any part may be missing: what rules across sections judge when the shape has faults. */
export type Draft<T> = T extends readonly (infer U)[]
  ? Draft<U>[]
  : T extends object
    ? { [K in keyof T]?: Draft<T[K]> }
    : T;

/** Every fault of the shape, and what of the config is usable all the same. */
export interface Shape {
  readonly problems: Problem[];
  readonly draft: Draft<ClusterConfig>;
  /** The whole config, if the shape has no fault. */
  readonly config?: ClusterConfig;
}

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Judges the shape: types, known keys, and each value by itself. */
export function readShape(input: unknown): Shape {
  const result = clusterSchema.safeParse(input);
  if (result.success) return { problems: [], draft: result.data, config: result.data };
  const issues = withoutMisspelt(result.error.issues, input);
  // The salvage follows the schema key by key, so what it returns has the schema's shape.
  const draft = salvage(clusterSchema, input) as Draft<ClusterConfig>;
  return { problems: issues.flatMap((issue) => describe(issue, valueAt(input, issue.path))), draft };
}

/** The parts of a value that the schema accepts; the others are left out. */
function salvage(schema: z.core.$ZodType, value: unknown): unknown {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const type = bare(schema);
  if (type instanceof z.ZodObject) {
    const given = isGroup(value) ? value : {};
    return Object.fromEntries(
      Object.entries<z.core.$ZodType>(type.shape).map(([key, part]) => [key, salvage(part, given[key])]),
    );
  }
  if (type instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item) => salvage(type.element, item)).filter((item) => item !== undefined);
  }
  return undefined;
}

/** The schema inside of what only says that it may be left out. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  let type = schema;
  while (type instanceof z.ZodOptional || type instanceof z.ZodDefault || type instanceof z.ZodPrefault)
    type = type.unwrap();
  return type;
}

/** A missing key is not reported if the same group has a misspelt one that was probably meant. */
function withoutMisspelt(issues: readonly Issue[], input: unknown): Issue[] {
  const meant = new Set(
    issues.flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => formatPath([...issue.path, suggest(key, keysAt(issue.path)) ?? ""]))
        : [],
    ),
  );
  return issues.filter(
    (issue) => valueAt(input, issue.path) !== undefined || !meant.has(formatPath(issue.path)),
  );
}

function describe(issue: Issue, value: unknown): Problem[] {
  const path = formatPath(issue.path);
  const hidden = issue.code === "custom" && issue.params?.["hidden"] === true;
  const problem = (message: string, cure: string): Problem[] => [
    { path, value: hidden ? "(a text, not printed)" : showValue(value), message, cure },
  ];
  if (value === undefined && issue.code !== "unrecognized_keys") {
    return problem("is given, and it is required", `add it: ${descriptionAt(issue.path)}`);
  }
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey(issue.path, key, value));
    case "invalid_value": {
      const allowed = issue.values.map(String);
      const near = typeof value === "string" ? suggest(value, allowed) : undefined;
      return problem(
        `is none of ${allowed.join(", ")}`,
        near === undefined ? "write one of these" : `did you mean ${near}?`,
      );
    }
    case "invalid_type":
      return problem(
        `is ${kindOf(value, issue.expected)} where ${KINDS[issue.expected] ?? issue.expected} is needed`,
        cureType(issue.expected, value),
      );
    case "too_small":
      return issue.inclusive === false
        ? problem(`is not more than ${issue.minimum}`, `write more than ${issue.minimum}`)
        : problem(`is less than ${issue.minimum}`, `write ${issue.minimum} or more`);
    case "too_big":
      return problem(`is more than ${issue.maximum}`, `write ${issue.maximum} or less`);
    case "not_multiple_of":
      return problem(`is not a multiple of ${issue.divisor}`, `write ${round(Number(value), issue.divisor)}`);
    case "custom":
      return problem(issue.message, String(issue.params?.["cure"] ?? descriptionAt(issue.path)));
    default:
      return problem(issue.message, descriptionAt(issue.path));
  }
}

function unknownKey(path: Path, key: string, group: unknown): Problem {
  const known = keysAt(path);
  const near = suggest(key, known);
  return {
    path: formatPath([...path, key]),
    value: showValue(isGroup(group) ? group[key] : undefined),
    message: "stands at a key that doesn't exist",
    cure: near === undefined ? `delete it, or use one of ${known.join(", ")}` : `did you mean ${near}?`,
  };
}

const KINDS: Partial<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a group of keys",
  array: "a list",
};

function kindOf(value: unknown, expected: string): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return expected === "int" ? "a fraction" : "a number";
  return typeof value === "boolean" ? "a boolean" : (KINDS[typeof value] ?? typeof value);
}

/** The nearest multiple of `step`, without the dust of binary fractions. */
function round(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toPrecision(12));
}

function cureType(expected: string, value: unknown): string {
  if (expected === "string" && typeof value === "boolean") {
    return 'YAML reads a bare y, n, yes, no, on, off, true or false as a boolean: put it in quotes, as in "n"';
  }
  if (expected === "string" && typeof value === "number") return `put it in quotes: "${value}"`;
  if (typeof value === "string" && ["number", "int", "boolean"].includes(expected))
    return `write it without quotes`;
  return `write ${KINDS[expected] ?? expected}, or delete the key`;
}

/** A path as in the file: "hosts[3].address"; the whole object is "ha-kubernetes:cluster". */
export function formatPath(path: Path): string {
  if (path.length === 0) return "ha-kubernetes:cluster";
  return path
    .map((key, i) => (typeof key === "number" ? `[${key}]` : `${i > 0 ? "." : ""}${String(key)}`))
    .join("");
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (isGroup(value) || Array.isArray(value) ? Reflect.get(value, key) : undefined),
    input,
  );
}

function schemaAt(path: Path): z.core.$ZodType | undefined {
  return path.reduce<z.core.$ZodType | undefined>((schema, key) => {
    const type = schema === undefined ? undefined : bare(schema);
    if (type instanceof z.ZodObject) return (type.shape as Record<string, z.core.$ZodType>)[String(key)];
    return type instanceof z.ZodArray ? type.element : undefined;
  }, clusterSchema);
}

function keysAt(path: Path): string[] {
  const schema = schemaAt(path);
  const type = schema === undefined ? undefined : bare(schema);
  return type instanceof z.ZodObject ? Object.keys(type.shape) : [];
}

function descriptionAt(path: Path): string {
  const schema = schemaAt(path);
  return (schema instanceof z.ZodType ? schema.description : undefined) ?? "see docs/config.md";
}

function isGroup(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
