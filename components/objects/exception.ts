/** Annotations that argue an object's exception from rules of the policy pack (policies/), by the rules' names. */
export function exceptions(why: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(why).map(([rule, reason]) => [`policy.ha-kubernetes.io/${rule}`, reason]),
  );
}
