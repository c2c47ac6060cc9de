import * as pulumi from "@pulumi/pulumi";
import type { Wire } from "./engine";

const { specialSigKey, specialSecretSig } = pulumi.runtime;

/** The value inside a secret's mark, or undefined if it has none. */
export function secretIn(value: Wire | undefined): Wire | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value[specialSigKey] === specialSecretSig ? reveal(value["value"] ?? null) : undefined;
}

/** The value with every mark of a secret taken off. */
export function reveal(value: Wire): Wire {
  return mapped(value, (secret) => secret);
}

/** What stands in the state for everyone to read: secrets blotted out. */
export function inClear(value: Wire): Wire {
  return mapped(value, () => "[secret]");
}

/** A text input, whether it is secret or not. */
export function text(value: Wire | undefined): string {
  const plain = reveal(value ?? null);
  if (typeof plain !== "string") throw new Error(`${JSON.stringify(plain)} is no text`);
  return plain;
}

function mapped(value: Wire, secret: (value: Wire) => Wire): Wire {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mapped(item, secret));
  if (value[specialSigKey] === specialSecretSig) return secret(mapped(value["value"] ?? null, secret));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, secret)]));
}
