import assert from "node:assert/strict";

const VALUES: Record<string, string> = {
  host: "master-1",
  address: "192.168.10.101",
  labels: "topology.kubernetes.io/zone=zone-a",
  token: "abcdef.0123456789abcdef",
  restrict_oom: "false",
};

/** A rendered file with what a host fills in. */
export function filledIn(text: string, more: Record<string, string> = {}): string {
  return text.replace(/@(\w+)@/g, (_, key: string) => {
    const value = { ...VALUES, ...more }[key];
    assert.ok(value !== undefined, `nobody fills in @${key}@`);
    return value;
  });
}
