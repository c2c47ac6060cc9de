/** When a change of `keepers` asks for no new value (hashicorp/terraform-provider-random: mapplanmodifiers.go). */
import { isObject, type Value } from "../wire/values";

/** True when keepers only come or go as an empty map, or as entries without a value. */
export function sparesKeepers(before: Value | undefined, now: Value | undefined): boolean {
  const after = isObject(now) ? now : {};
  if (!isObject(before)) return Object.values(after).every((value) => value === null);
  const kept = Object.keys(before).every((name) => name in after);
  return kept && Object.entries(after).every(([name, value]) => value === null || value === before[name]);
}
