import { strict as assert } from "node:assert";
import { findingsTable, parseFindings, verdictOf, type Finding } from "../../../components/checks/findings";

const ok: Finding = { verdict: "ok", check: "nodes", seen: "all 6 nodes are Ready", next: "" };
const warn: Finding = { verdict: "warn", check: "etcd", seen: "not looked at", next: "run it on a master" };
const fail: Finding = { verdict: "fail", check: "pod-network", seen: "m1 can't reach w1", next: "ip route" };

describe("parseFindings", () => {
  it("reads one finding per line, with and without a next command", () => {
    const output = "ok\tnodes\tall 6 nodes are Ready\t\nfail\tpod-network\tm1 can't reach w1\tip route\n";
    assert.deepEqual(parseFindings(output), [ok, fail]);
  });

  it("leaves out what is no finding: timings of a phase, empty lines, an unknown verdict", () => {
    assert.deepEqual(parseFindings("prepare=1.2 init=10.0\n\nfine\tnodes\tx\t\nok\n"), []);
  });

  it("takes lines that end as Windows ends them", () => {
    assert.deepEqual(parseFindings("ok\tnodes\tall 6 nodes are Ready\t\r\n"), [ok]);
  });
});

describe("verdictOf", () => {
  it("is the gravest of all findings", () => {
    assert.equal(verdictOf([ok, warn, fail]), "fail");
    assert.equal(verdictOf([ok, warn]), "warn");
    assert.equal(verdictOf([ok]), "ok");
  });

  it("fails when nothing was looked at", () => {
    assert.equal(verdictOf([]), "fail");
  });
});

describe("findingsTable", () => {
  it("aligns the checks and puts the next command below what was seen", () => {
    assert.equal(
      findingsTable([ok, fail]),
      [
        "OK    nodes        all 6 nodes are Ready",
        "FAIL  pod-network  m1 can't reach w1",
        "                   -> ip route",
        "",
      ].join("\n"),
    );
  });

  it("wraps at 100 columns and loses no word", () => {
    const seen = Array.from({ length: 60 }, (_, i) => `node-${i}`).join(" ");
    const table = findingsTable([{ ...fail, seen }]);
    assert.ok(table.split("\n").every((line) => line.length <= 100));
    assert.deepEqual(table.match(/node-\d+/g), seen.split(" "));
  });

  it("keeps a word whole that is longer than the line", () => {
    const path = `/var/${"x".repeat(120)}`;
    assert.ok(findingsTable([{ ...fail, seen: `look at ${path} now` }]).includes(path));
  });

  it("is empty without findings", () => {
    assert.equal(findingsTable([]), "");
  });
});
