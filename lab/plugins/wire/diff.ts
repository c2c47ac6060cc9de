/** The engine's own comparison of two property bags (pulumi/pulumi: properties_diff.go, NewDetailedDiffFromObjectDiff). */
import { isObject, isSecret, readAsset, reveal, type Props, type Value } from "./values";

/** How a property at a path changes. */
export type Change = "add" | "delete" | "update";

/** What a diff answers: the changed paths, and the top-level names that ask for a replacement. */
export interface Difference {
  changes: ReadonlyMap<string, Change>;
  replaces: readonly string[];
}

/** Nothing changes. */
export const NO_DIFFERENCE: Difference = { changes: new Map(), replaces: [] };

/** Lists the paths at which two bags differ; a secret is compared as one value. */
export function compare(olds: Props, news: Props): Map<string, Change> {
  const changes = new Map<string, Change>();
  compareProps("", olds, news, changes);
  return changes;
}

/** The top-level property a path belongs to. */
export function topLevel(path: string): string {
  const quoted = /^\["((?:[^"\\]|\\.)*)"\]/.exec(path);
  return quoted?.[1] ?? path.split(/[.[]/, 1)[0] ?? path;
}

function compareProps(prefix: string, olds: Props, news: Props, changes: Map<string, Change>): void {
  for (const name of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    compareValues(join(prefix, name), olds[name], news[name], changes);
  }
}

function compareValues(
  path: string,
  old: Value | undefined,
  now: Value | undefined,
  changes: Map<string, Change>,
): void {
  if (absent(old) || absent(now)) {
    if (absent(old) !== absent(now)) changes.set(path, absent(old) ? "add" : "delete");
  } else if (Array.isArray(old) && Array.isArray(now)) {
    for (let i = 0; i < Math.max(old.length, now.length); i++) {
      compareValues(`${path}[${i}]`, old[i], now[i], changes);
    }
  } else if (isBag(old) && isBag(now)) {
    compareProps(path, old, now, changes);
  } else if (!same(old, now)) {
    changes.set(path, "update");
  }
}

function absent(value: Value | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function isBag(value: Value | undefined): value is Props {
  return isObject(value) && !isSecret(value) && readAsset(value) === undefined;
}

/** Whether two values are equal: secrets by what they hold, assets by their hash alone. */
export function same(old: Value, now: Value): boolean {
  if (isSecret(old) !== isSecret(now)) return false;
  const [a, b] = [reveal(old), reveal(now)];
  const [assetA, assetB] = [readAsset(a), readAsset(b)];
  if (assetA !== undefined || assetB !== undefined) {
    return assetA?.kind === assetB?.kind && assetA?.hash !== undefined && assetA.hash === assetB?.hash;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, i) => same(value, b[i] ?? null));
  }
  if (isObject(a) && isObject(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((name) => same(a[name] ?? null, b[name] ?? null));
  }
  return a === b;
}

function join(prefix: string, name: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `${prefix}["${name.replace(/["\\]/g, "\\$&")}"]`;
  return prefix === "" ? name : `${prefix}.${name}`;
}
