import { strict as assert } from "node:assert";
import { busy, medianRun, rows, spread, type HandRun, type UpRun } from "../../../bench/figures";
import { table } from "../../../bench/report";

const step = (name: string, from: number, to: number) => ({ name, from, to });

function upRun(change: Partial<UpRun>): UpRun {
  return {
    total: 100,
    startup: 10,
    operations: 85,
    shutdown: 5,
    fromNothing: 120,
    second: 12,
    preview: 8,
    memory: 4,
    changes: 0,
    work: { hosts: 150, machine: 50, free: 2 },
    steps: [],
    chain: [],
    ...change,
  };
}

const handRun = (total: number): HandRun => ({
  total,
  work: { hosts: 90, machine: 10, free: 1.5 },
  steps: [],
});

describe("figures of the benchmark", () => {
  it("take the middle of an odd number and the mean of the middle two of an even one", () => {
    assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3 });
    assert.deepEqual(spread([10, 1, 2, 4]), { median: 3, min: 1, max: 10 });
    assert.deepEqual(spread([7]), { median: 7, min: 7, max: 7 });
  });

  it("need at least one run", () => {
    assert.throws(() => spread([]), /no values/);
    assert.throws(() => medianRun([], () => 0), /no values/);
  });

  it("trace the run nearest to the median", () => {
    assert.equal(
      medianRun([9, 1, 5], (value) => value),
      5,
    );
    assert.equal(
      medianRun([1, 2, 10, 11], (value) => value),
      2,
    );
  });

  it("compare each up without its start-up to the script's run beside it", () => {
    const ups = [upRun({ total: 100, startup: 10 }), upRun({ total: 60, startup: 10 })];
    const ratio = rows(ups, [handRun(90), handRun(25)], []).find(({ title }) =>
      title.includes("without start-up"),
    );
    assert(ratio);
    assert.deepEqual([ratio.min, ratio.median, ratio.max], [1, 1.5, 2]);
  });

  it("leave out what an arm alone can't say", () => {
    assert(rows([], [handRun(50)], []).every(({ title }) => !title.includes("up")));
    assert(rows([upRun({})], [], []).every(({ unit }) => unit !== "x"));
  });

  it("compare the processors' time of hosts and machine together", () => {
    const ratio = rows([upRun({})], [handRun(50)], []).find(({ title }) =>
      title.startsWith("processor time"),
    );
    assert.equal(ratio?.median, 2);
  });

  it("say which goals are met", () => {
    const text = table(
      rows([upRun({ total: 130 })], [handRun(60)], [upRun({ total: 150, second: 15, memory: 9 })]),
    );
    assert.match(text, /^\| `up`, from booted .* \| 130\.0 s \| .* \| missed: at most 100 s \|$/m);
    assert.match(text, /^\| second `up`.* \| met: at most 15 s \|$/m);
    assert.match(text, /^\| - what they add \| 20\.0 s \| .* \| met: at most 90 s \|$/m);
    assert.match(text, /^\| - memory .* \| 9\.0 GiB \| .* \| missed: at most 8 GiB \|$/m);
    assert.match(text, /^\| `up` without start-up : script \| 2\.00 x \| .* \| missed: at most 1\.25 x \|$/m);
  });

  it("add the steps of a chain, not the pauses between", () => {
    assert.equal(busy([step("a", 0, 1500), step("b", 4000, 4500)]), 2);
  });
});
