import { IPv4, IPv6 } from "ipaddr.js";
import type { Finding } from "./problems";

/** One IPv4 network: its first address as a number, and how many leading bits are fixed. */
export interface Cidr {
  readonly first: number;
  readonly prefix: number;
}

/** Bits of an IPv4 address (RFC 791). */
const ADDRESS_BITS = 32;

/** Kinds of IPv4 addresses that no host can be reached by, in ipaddr.js's words (RFC 6890). */
const UNREACHABLE: Partial<Record<string, string>> = {
  unspecified: "means no address at all",
  broadcast: "is the broadcast address",
  multicast: "is a multicast address",
  loopback: "is a loopback address, which every host has for itself",
  linkLocal: "is a link-local address, which hosts give themselves and lose",
};

/** An IPv4 address as a number from 0 to 2^32-1, or undefined if the text is none (four decimal parts, no leading zeros). */
export function parseIpv4(text: string): number | undefined {
  if (!IPv4.isValidFourPartDecimal(text)) return undefined;
  return IPv4.parse(text).octets.reduce((number, octet) => number * 256 + octet, 0);
}

/** The dotted text of an IPv4 address. */
export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** A network from "10.244.0.0/16", or undefined if the text is none; bits behind the prefix are dropped. */
export function parseCidr(text: string): Cidr | undefined {
  const [, base, bits] = /^([\d.]+)\/(\d|[12]\d|3[0-2])$/.exec(text) ?? [];
  const address = base === undefined ? undefined : parseIpv4(base);
  if (address === undefined || bits === undefined) return undefined;
  const prefix = Number(bits);
  return { first: address - (address % cidrSize({ first: 0, prefix })), prefix };
}

/** The text of a network, as in "10.244.0.0/16". */
export function formatCidr(cidr: Cidr): string {
  return `${formatIpv4(cidr.first)}/${cidr.prefix}`;
}

/** Number of addresses in a network, first and last included. */
export function cidrSize(cidr: Cidr): number {
  return 2 ** (ADDRESS_BITS - cidr.prefix);
}

/** Whether an address lies in a network. */
export function contains(cidr: Cidr, address: number): boolean {
  return address >= cidr.first && address < cidr.first + cidrSize(cidr);
}

/** Whether two networks share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return contains(a, b.first) || contains(b, a.first);
}

/** Number of node networks of `nodeMask` bits that a pod network holds: the most nodes it can have. */
export function nodeBlocks(pods: Cidr, nodeMask: number): number {
  return nodeMask < pods.prefix ? 0 : 2 ** (nodeMask - pods.prefix);
}

/** What is wrong with an address that a host must be reached by, or undefined. */
export function checkIpv4(text: string): Finding | undefined {
  if (IPv6.isValid(text)) {
    return {
      message: "is an IPv6 address, and this version builds IPv4 clusters only",
      cure: "give the host's IPv4 address",
    };
  }
  const address = parseIpv4(text);
  if (address === undefined) {
    return {
      message: "is not an IPv4 address",
      cure: "write four numbers from 0 to 255, as in 192.168.10.101",
    };
  }
  const why = UNREACHABLE[IPv4.parse(text).range()];
  return why === undefined
    ? undefined
    : {
        message: `can't be used: ${formatIpv4(address)} ${why}`,
        cure: "give the address by which other hosts reach it",
      };
}

/** What is wrong with a network, or undefined. */
export function checkCidr(text: string): Finding | undefined {
  if (text.includes(":")) {
    return {
      message: "is an IPv6 network, and this version builds IPv4 clusters only",
      cure: "give an IPv4 network, as in 10.244.0.0/16",
    };
  }
  const cidr = parseCidr(text);
  if (cidr === undefined) {
    return { message: "is not an IPv4 network", cure: "write address/bits, as in 10.244.0.0/16" };
  }
  const whole = formatCidr(cidr);
  return whole === text
    ? undefined
    : { message: "has bits set behind its prefix, which Calico refuses", cure: `write ${whole}` };
}
