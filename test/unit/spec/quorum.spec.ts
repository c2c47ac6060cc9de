import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { isEven, quorum, survives, tolerated } from "../../../components/spec/quorum";

const members = fc.integer({ min: 1, max: 99 });

describe("quorum", () => {
  // The table of etcd.io's FAQ, "What is failure tolerance?".
  for (const [count, majority, losses] of [
    [1, 1, 0],
    [2, 2, 0],
    [3, 2, 1],
    [4, 3, 1],
    [5, 3, 2],
    [6, 4, 2],
    [7, 4, 3],
  ] as const) {
    it(`of ${count} is ${majority}, and ${losses} may be lost`, () => {
      equal(quorum(count), majority);
      equal(tolerated(count), losses);
    });
  }

  it("is had by one side of a split at most", () => {
    fc.assert(fc.property(members, (count) => ok(2 * quorum(count) > count)));
  });

  it("is the smallest such majority", () => {
    fc.assert(fc.property(members, (count) => ok(2 * (quorum(count) - 1) <= count)));
  });

  it("survives exactly the tolerated losses", () => {
    fc.assert(
      fc.property(members, fc.integer({ min: 0, max: 99 }), (count, lost) =>
        equal(survives(count, lost), lost <= tolerated(count)),
      ),
    );
  });

  it("gains nothing from a member that makes the number even", () => {
    fc.assert(
      fc.property(members, (count) => ok(!isEven(count + 1) || tolerated(count + 1) === tolerated(count))),
    );
  });
});
