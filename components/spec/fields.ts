import { z } from "zod";
import type { Finding } from "./problems";
import { PROFILE_NAMES, PROFILES, type Profile } from "./profiles";

/** Text that one check judges. */
export function text(check?: (value: string) => Finding | undefined) {
  return z.string().superRefine((value, context) => {
    const finding = check?.(value);
    if (finding === undefined) return;
    context.addIssue({
      code: "custom",
      message: finding.message,
      params: { cure: finding.cure, hidden: finding.hidden },
    });
  });
}

/** Meaning of a key, with `absent` for what holds when it is left out and no fixed default says it. */
export function about(description: string, absent?: string) {
  return absent === undefined ? { description } : { description, absent };
}

/** A profile's value as the docs say it: once if all profiles agree. */
export function byProfile(value: (profile: Profile) => string | number): string {
  const values = PROFILE_NAMES.map((name) => `${name} ${value(PROFILES[name])}`);
  const distinct = new Set(PROFILE_NAMES.map((name) => value(PROFILES[name])));
  return distinct.size === 1 ? `${[...distinct][0]} (every profile)` : values.join(", ");
}

/** Days that something is kept; by default the profile's. */
export function keptDays(description: string, value: (profile: Profile) => number) {
  return z
    .int()
    .min(1)
    .max(365)
    .optional()
    .meta(about(description, byProfile(value)));
}

/** Size of a volume in GiB; by default the profile's. */
export function volumeGiB(description: string, value: (profile: Profile) => number) {
  return z
    .int()
    .min(1)
    .max(4096)
    .optional()
    .meta(about(description, byProfile(value)));
}
