/** Random texts (hashicorp/terraform-provider-random: internal/random/string.go). */
import { randomInt } from "node:crypto";

/** Which characters a text may have, and how many of each kind at least. */
export interface TextRules {
  length: number;
  upper: boolean;
  lower: boolean;
  numeric: boolean;
  special: boolean;
  minUpper: number;
  minLower: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial: string;
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** Makes a text: the demanded characters first, the rest from all allowed ones, then shuffled. */
export function randomText(rules: TextRules): string {
  const special = rules.overrideSpecial === "" ? SPECIAL : rules.overrideSpecial;
  const allowed =
    (rules.upper ? UPPER : "") +
    (rules.lower ? LOWER : "") +
    (rules.numeric ? NUMERIC : "") +
    (rules.special ? special : "");
  if (allowed === "") throw new Error("Random Read Error: the character set specified is empty");
  // A minimum counts even for a kind that is switched off, as in the provider.
  const demanded = [
    ...draw(NUMERIC, rules.minNumeric),
    ...draw(LOWER, rules.minLower),
    ...draw(UPPER, rules.minUpper),
    ...draw(special, rules.minSpecial),
  ];
  return shuffled([...demanded, ...draw(allowed, rules.length - demanded.length)]).join("");
}

function draw(from: string, count: number): string[] {
  const characters = Array.from(from);
  return Array.from({ length: count }, () => characters[randomInt(characters.length)] ?? "");
}

function shuffled(items: string[]): string[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [items[i], items[j]] = [items[j] ?? "", items[i] ?? ""];
  }
  return items;
}
