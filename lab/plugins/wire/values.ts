/**
 * The values of the plugin protocol as plain JavaScript, and the marks the engine puts on them.
 *
 * The marks are part of the protocol (pulumi/pulumi: sdk/go/common/resource/sig, properties.go).
 */

/** A property value as it travels in a protobuf Struct. */
export type Value = null | boolean | number | string | Value[] | Props;

/** A bag of property values. */
export interface Props {
  [name: string]: Value;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

/** Stands for any value that is not known before an `up`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

// The engine has one unknown per type; all mean the same here.
const UNKNOWNS: ReadonlySet<string> = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Whether a value is an object, marked or not. */
export function isObject(value: Value | undefined): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is not known yet, looking through a secret mark. */
export function isUnknown(value: Value | undefined): boolean {
  const inner = value === undefined ? undefined : reveal(value);
  return typeof inner === "string" && UNKNOWNS.has(inner);
}

/** Whether a value or anything in it is not known yet. */
export function hasUnknown(value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (isUnknown(value)) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}

/** Whether a value carries the secret mark itself. */
export function isSecret(value: Value | undefined): boolean {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

/** Marks a value secret, once. */
export function secret(value: Value): Value {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

/** Takes the secret (or output) mark off a value, leaving marks inside it. */
export function reveal(value: Value): Value {
  if (!isObject(value)) return value;
  if (value[SIGNATURE] === SECRET) return reveal(value["value"] ?? null);
  if (value[SIGNATURE] === OUTPUT) return reveal(value["value"] ?? UNKNOWN);
  return value;
}

/** Takes every secret mark off a value, at any depth. */
export function plain(value: Value): Value {
  const inner = reveal(value);
  if (Array.isArray(inner)) return inner.map(plain);
  return isObject(inner) ? plainProps(inner) : inner;
}

/** Takes every secret mark off a bag. */
export function plainProps(props: Props): Props {
  return Object.fromEntries(Object.entries(props).map(([name, value]) => [name, plain(value)]));
}

/** What an asset or archive value says of itself. */
export interface AssetValue {
  kind: "asset" | "archive";
  hash?: string;
  path?: string;
  text?: string;
}

/** Reads an asset or archive, or says that the value is neither. */
export function readAsset(value: Value | undefined): AssetValue | undefined {
  const inner = value === undefined ? undefined : reveal(value);
  if (!isObject(inner)) return undefined;
  const kind = inner[SIGNATURE] === ASSET ? "asset" : inner[SIGNATURE] === ARCHIVE ? "archive" : undefined;
  if (kind === undefined) return undefined;
  const asset: AssetValue = { kind };
  for (const field of ["hash", "path", "text"] as const) {
    const found = inner[field];
    // The Go SDK leaves empty fields out; an empty text is told by the absence of a path and a URI.
    if (typeof found === "string" && (found !== "" || field === "text")) asset[field] = found;
  }
  return asset;
}

/** Makes an asset value, for tests and for callers without an engine. */
export function assetValue(asset: AssetValue): Value {
  const { kind, ...fields } = asset;
  return { [SIGNATURE]: kind === "asset" ? ASSET : ARCHIVE, ...fields };
}
