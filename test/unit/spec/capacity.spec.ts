import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { FAILOVER_RESERVE_PERCENT, lostPercent } from "../../../components/spec/capacity";
import { nodeBlocks, parseCidr } from "../../../components/spec/cidr";
import { DEFAULT_POD_CIDR, PROFILE_NAMES, PROFILES } from "../../../components/spec/profiles";
import { quorum } from "../../../components/spec/quorum";

const sizes = fc.array(fc.integer({ min: 1, max: 512 }), { minLength: 1, maxLength: 500 });
const lost = fc.integer({ min: 0, max: 5 });

describe("capacity", () => {
  it("lost is never less than that of the average worker", () => {
    fc.assert(
      fc.property(sizes, lost, (all, n) => {
        ok(lostPercent(all, n) >= (Math.min(n, all.length) / all.length) * 100 - 1e-9);
      }),
    );
  });

  it("lost grows with the number of workers lost, up to everything", () => {
    fc.assert(
      fc.property(sizes, lost, (all, n) => {
        ok(lostPercent(all, n) <= lostPercent(all, n + 1));
        equal(lostPercent(all, all.length), 100);
      }),
    );
  });

  it("lost does not depend on the order of the workers", () => {
    fc.assert(
      fc.property(sizes, lost, (all, n) => equal(lostPercent(all, n), lostPercent([...all].reverse(), n))),
    );
  });

  it("of no workers is lost without dividing by zero", () => equal(lostPercent([], 1), 0));

  it("kept free covers one of four equal workers, and not one of three", () => {
    ok(lostPercent([8, 8, 8, 8], 1) <= FAILOVER_RESERVE_PERCENT);
    ok(lostPercent([8, 8, 8], 1) > FAILOVER_RESERVE_PERCENT);
  });
});

for (const name of PROFILE_NAMES) {
  describe(`profile ${name}`, () => {
    const profile = PROFILES[name];
    const mask = profile.network.nodeCidrMaskSize;

    it("fits its largest number of nodes into the default pod network", () => {
      const pods = parseCidr(DEFAULT_POD_CIDR);
      ok(pods !== undefined && nodeBlocks(pods, mask) >= profile.masters.max + profile.workers.max);
    });

    it("fits its pods into a node's network, beside the gateway and the two ends", () => {
      ok(profile.node.maxPods <= 2 ** (32 - mask) - 3);
    });

    it("takes odd numbers of etcd members at both ends of its range", () => {
      equal(profile.etcdMembers.min % 2, 1);
      equal(profile.etcdMembers.max % 2, 1);
    });

    it("takes as many masters as etcd members where etcd may run on them", () => {
      if (!profile.topologies.includes("stacked")) return;
      ok(profile.masters.min >= profile.etcdMembers.min && profile.masters.max <= profile.etcdMembers.max);
    });

    it("has a quorum of workers left after the failures that it counts with", () => {
      ok(profile.workers.min - profile.redundancy >= quorum(profile.workers.min));
    });

    it("lets an election take at least ten heartbeats", () => {
      ok(profile.etcd.electionMs >= 10 * profile.etcd.heartbeatMs);
    });

    it("sees two samples within the shortest alert of a minute, or one where it says so", () => {
      ok(profile.monitoring.scrapeIntervalSeconds * (name === "large" ? 1 : 2) <= 60);
    });
  });
}
