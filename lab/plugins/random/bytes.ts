/** `RandomId` and `RandomBytes` (hashicorp/terraform-provider-random: resource_id.go, resource_bytes.go). */
import { randomBytes as draw } from "node:crypto";
import { plannedResource } from "../wire/planned";
import type { Failure, Resource } from "../wire/resource";
import type { Props } from "../wire/values";
import { sparesKeepers } from "./keepers";

/** `random:index/randomId:RandomId`: a number that is no secret, in four writings behind a prefix. */
export const randomId: Resource = plannedResource({
  required: ["byteLength"],
  optional: ["keepers", "prefix"],
  computed: ["b64Std", "b64Url", "dec", "hex"],
  spares: (name, before, now) => name === "keepers" && sparesKeepers(before, now),
  validate: (inputs) => atLeastOne(inputs, "byteLength"),
  async make(inputs) {
    const bytes = draw(Number(inputs["byteLength"]));
    const prefix = String(inputs["prefix"] ?? "");
    const id = bytes.toString("base64url");
    return {
      id,
      computed: {
        b64Std: prefix + bytes.toString("base64"),
        b64Url: prefix + id,
        dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
        hex: prefix + bytes.toString("hex"),
      },
    };
  },
});

/**
 * `random:index/randomBytes:RandomBytes`: secret bytes.
 * Its id is the secret itself in base64, in clear in the state: so it is in the official plugin.
 */
export const randomBytes: Resource = plannedResource({
  required: ["length"],
  optional: ["keepers"],
  computed: ["base64", "hex"],
  secrets: ["base64", "hex"],
  validate: (inputs) => atLeastOne(inputs, "length"),
  async make(inputs) {
    const bytes = draw(Number(inputs["length"]));
    const base64 = bytes.toString("base64");
    return { id: base64, computed: { base64, hex: bytes.toString("hex") } };
  },
});

function atLeastOne(inputs: Props, property: string): Failure[] {
  const value = inputs[property];
  return typeof value === "number" && value < 1
    ? [{ property, reason: `value must be at least 1, got: ${value}` }]
    : [];
}
