import { deepEqual, equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { IPv4 } from "ipaddr.js";
import {
  checkCidr,
  cidrSize,
  contains,
  formatCidr,
  formatIpv4,
  nodeBlocks,
  overlaps,
  parseCidr,
  parseIpv4,
  type Cidr,
} from "../../../components/spec/cidr";

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const network = fc
  .tuple(address, fc.integer({ min: 0, max: 32 }))
  .map(([base, prefix]): Cidr => ({ first: base - (base % 2 ** (32 - prefix)), prefix }));

/** The library's own judgement, by octets and masks where ours is by arithmetic. */
function libraryContains(cidr: Cidr, number: number): boolean {
  return IPv4.parse(formatIpv4(number)).match(IPv4.parse(formatIpv4(cidr.first)), cidr.prefix);
}

describe("IPv4 arithmetic", () => {
  it("reads back every address that it writes", () => {
    fc.assert(fc.property(address, (number) => equal(parseIpv4(formatIpv4(number)), number)));
  });

  it("reads back every network that it writes", () => {
    fc.assert(fc.property(network, (cidr) => deepEqual(parseCidr(formatCidr(cidr)), cidr)));
  });

  it("drops the bits behind the prefix, as the library does", () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: 32 }), (number, prefix) => {
        const text = `${formatIpv4(number)}/${prefix}`;
        const cidr = parseCidr(text);
        notEqual(cidr, undefined);
        equal(cidr === undefined ? "" : formatIpv4(cidr.first), IPv4.networkAddressFromCIDR(text).toString());
      }),
    );
  });

  it("agrees with the library on what a network contains", () => {
    fc.assert(
      fc.property(network, address, (cidr, number) =>
        equal(contains(cidr, number), libraryContains(cidr, number)),
      ),
    );
  });

  it("contains its first and last address and not their neighbours", () => {
    fc.assert(
      fc.property(network, (cidr) => {
        const last = cidr.first + cidrSize(cidr) - 1;
        deepEqual(
          [cidr.first - 1, cidr.first, last, last + 1].map((number) => contains(cidr, number)),
          [false, true, true, false],
        );
      }),
    );
  });

  it("finds an overlap exactly where one network holds the other's first address", () => {
    fc.assert(
      fc.property(network, network, (a, b) => {
        const shared = libraryContains(a, b.first) || libraryContains(b, a.first);
        equal(overlaps(a, b), shared);
        equal(overlaps(b, a), shared);
      }),
    );
  });

  it("fits as many node networks as their addresses add up to", () => {
    fc.assert(
      fc.property(network, fc.integer({ min: 0, max: 32 }), (pods, mask) => {
        const blocks = nodeBlocks(pods, mask);
        equal(blocks * 2 ** (32 - mask), mask < pods.prefix ? 0 : cidrSize(pods));
      }),
    );
  });

  it("takes exactly the networks without bits behind their prefix", () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: 32 }), (number, prefix) => {
        const clean = number % 2 ** (32 - prefix) === 0;
        equal(checkCidr(`${formatIpv4(number)}/${prefix}`) === undefined, clean);
      }),
    );
  });

  for (const text of [
    "",
    "10.0.0",
    "10.0.0.1.2",
    "010.0.0.1",
    "0x0a.0.0.1",
    "10.0.0.256",
    "10.0.0.1 ",
    "167772161",
    "::1",
  ]) {
    it(`takes ${JSON.stringify(text)} for no address`, () => equal(parseIpv4(text), undefined));
  }

  for (const text of [
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/08",
    "10/8",
    "fd00::/48",
    "10.0.0.0/8/8",
  ]) {
    it(`takes ${JSON.stringify(text)} for no network`, () => equal(parseCidr(text), undefined));
  }
});
