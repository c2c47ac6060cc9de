/** The four random resources, by the rules of the random provider behind pulumi-random. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { randomBytes, randomId } from "../../lab/plugins/random/bytes";
import { randomText } from "../../lab/plugins/random/text";
import { randomPassword, randomString } from "../../lab/plugins/random/texts";
import type { Resource } from "../../lab/plugins/wire/resource";
import { isSecret, UNKNOWN, type Props } from "../../lab/plugins/wire/values";
import { created, difference, open } from "./support/calls";

const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

describe("plugins: random", function () {
  describe("texts", () => {
    it("have the length, the kinds and the minima asked for", () => {
      const rules = fc.record({
        length: fc.integer({ min: 20, max: 40 }),
        upper: fc.boolean(),
        lower: fc.constant(true),
        numeric: fc.boolean(),
        special: fc.boolean(),
        minUpper: fc.integer({ min: 0, max: 5 }),
        minLower: fc.integer({ min: 0, max: 5 }),
        minNumeric: fc.integer({ min: 0, max: 5 }),
        minSpecial: fc.integer({ min: 0, max: 5 }),
        overrideSpecial: fc.constantFrom("", "~", "äöü"),
      });
      fc.assert(
        fc.property(rules, (rule) => {
          const characters = Array.from(randomText(rule));
          const special = Array.from(rule.overrideSpecial === "" ? SPECIAL : rule.overrideSpecial);
          const count = (test: (character: string) => boolean) => characters.filter(test).length;
          const found = {
            upper: count((c) => /[A-Z]/.test(c)),
            lower: count((c) => /[a-z]/.test(c)),
            numeric: count((c) => /\d/.test(c)),
            special: count((c) => special.includes(c)),
          };
          assert.equal(characters.length, rule.length);
          assert.equal(found.upper + found.lower + found.numeric + found.special, rule.length);
          for (const [kind, least] of Object.entries({
            upper: rule.minUpper,
            lower: rule.minLower,
            numeric: rule.minNumeric,
            special: rule.minSpecial,
          })) {
            const number = found[kind as keyof typeof found];
            assert.ok(number >= least, `${kind}: ${number} of ${least}`);
            if (!rule[kind as keyof typeof found]) assert.equal(number, least, `${kind} is off`);
          }
        }),
      );
    });

    it("use every allowed character and put the demanded ones anywhere", () => {
      const digits = {
        upper: false,
        lower: false,
        numeric: true,
        special: false,
        minUpper: 0,
        minLower: 0,
        minNumeric: 0,
        minSpecial: 0,
        overrideSpecial: "",
      };
      assert.equal(new Set(randomText({ ...digits, length: 500 })).size, 10);
      const places = new Set(
        Array.from({ length: 200 }, () => randomText({ ...digits, length: 5, minUpper: 1 }).search(/[A-Z]/)),
      );
      assert.deepEqual(
        [...places].sort((a, b) => a - b),
        [0, 1, 2, 3, 4],
      );
      assert.throws(
        () => randomText({ ...digits, length: 5, numeric: false }),
        /the character set specified is empty/,
      );
    });
  });

  describe("RandomPassword", () => {
    it("has a secret result, a bcrypt hash of it, and an id that says nothing", async () => {
      const known = await created(randomPassword, { length: 24 });
      const { result, bcryptHash } = open(known);
      assert.equal(known.id, "none");
      assert.equal(String(result).length, 24);
      assert.deepEqual([isSecret(known.state["result"]), isSecret(known.state["bcryptHash"])], [true, true]);
      assert.match(String(bcryptHash), /^\$2a\$10\$[./A-Za-z0-9]{53}$/);
      assert.equal(crypt(String(result), String(bcryptHash)), bcryptHash);
      assert.notEqual(crypt("other", String(bcryptHash)), bcryptHash);
    });

    it("has the provider's defaults in its state", async () => {
      const { state } = await created(randomPassword, { length: 8 }, { preview: true });
      const { result, bcryptHash, ...rest } = state;
      assert.deepEqual(rest, {
        length: 8,
        special: true,
        upper: true,
        lower: true,
        number: true,
        numeric: true,
        minUpper: 0,
        minLower: 0,
        minNumeric: 0,
        minSpecial: 0,
      });
      assert.deepEqual([isSecret(result), isSecret(bcryptHash)], [true, true]);
    });

    it("is replaced by every input, and not by an empty map of keepers", async () => {
      const known = await created(randomPassword, { length: 8, keepers: { a: "1" } });
      const changed = (more: Props) =>
        difference(randomPassword, known, { length: 8, keepers: { a: "1" }, ...more }).replaces;
      assert.deepEqual(changed({}), []);
      assert.deepEqual(changed({ numeric: true, special: true }), []);
      assert.deepEqual(changed({ keepers: { a: "2" } }), ["keepers"]);
      assert.deepEqual(changed({ keepers: { a: UNKNOWN } }), ["keepers"]);
      assert.deepEqual(changed({ keepers: null }), ["keepers"]);
      assert.deepEqual(changed({ length: 9 }), ["length"]);
      assert.deepEqual(changed({ overrideSpecial: "~" }), ["overrideSpecial"]);
      assert.deepEqual(changed({ number: false }).sort(), ["number", "numeric"]);
      const bare = await created(randomPassword, { length: 8 });
      assert.deepEqual(difference(randomPassword, bare, { length: 8, keepers: {} }).replaces, []);
      assert.deepEqual(difference(randomPassword, bare, { length: 8, keepers: { a: "1" } }).replaces, [
        "keepers",
      ]);
    });

    it("refuses what can't be made", () => {
      const refused = (resource: Resource, news: Props) =>
        resource.check(news).failures.map(({ property }) => property);
      assert.deepEqual(refused(randomPassword, {}), ["length"]);
      assert.deepEqual(refused(randomPassword, { length: 0 }), ["length"]);
      assert.deepEqual(refused(randomPassword, { length: 3, minUpper: 2, minLower: 2 }), ["length"]);
      assert.deepEqual(refused(randomPassword, { length: 3, number: true, numeric: false }), ["number"]);
      assert.deepEqual(
        refused(randomPassword, { length: 3, upper: false, lower: false, special: false, numeric: false }),
        ["numeric"],
      );
      assert.deepEqual(refused(randomBytes, { length: 0 }), ["length"]);
      assert.deepEqual(refused(randomBytes, { length: 1, size: 1, __defaults: [] }), ["size"]);
    });
  });

  it("RandomString is its own id and no secret", async () => {
    const known = await created(randomString, { length: 10, special: false });
    assert.match(known.id, /^[A-Za-z0-9]{10}$/);
    assert.equal(known.state["result"], known.id);
  });

  it("RandomId writes one number in four ways behind its prefix", async () => {
    const { id, state } = await created(randomId, { byteLength: 5, prefix: "p-" });
    const bytes = Buffer.from(id, "base64url");
    assert.equal(bytes.length, 5);
    assert.deepEqual(state, {
      byteLength: 5,
      prefix: "p-",
      b64Url: `p-${id}`,
      b64Std: `p-${bytes.toString("base64")}`,
      hex: `p-${bytes.toString("hex")}`,
      dec: `p-${BigInt(`0x${bytes.toString("hex")}`)}`,
    });
    const replaces = (news: Props) => difference(randomId, { id, inputs: {}, state }, news).replaces;
    assert.deepEqual(replaces({ byteLength: 5, prefix: "p-" }), []);
    assert.deepEqual(replaces({ byteLength: 6, prefix: "q-" }).sort(), ["byteLength", "prefix"]);
  });

  it("RandomBytes hides its outputs, but its id is the secret, as in the official plugin", async () => {
    const known = await created(randomBytes, { length: 32 });
    assert.deepEqual([isSecret(known.state["base64"]), isSecret(known.state["hex"])], [true, true]);
    assert.equal(Buffer.from(String(open(known)["hex"]), "hex").toString("base64"), open(known)["base64"]);
    assert.equal(known.id, open(known)["base64"]);
  });
});

/** The C library's crypt, as a judge; python has none of its own any more. */
function crypt(text: string, setting: string): string {
  return execFileSync("perl", ["-e", "print crypt($ARGV[0], $ARGV[1])", "--", text, setting], {
    encoding: "utf8",
  });
}
