import { strict as assert } from "node:assert";
import { longestChain, waitsOf, type StateResource } from "../../../bench/chain";
import type { Step } from "../../../bench/figures";

const COMMAND = "command:remote:Command";
const urn = (name: string, type = COMMAND) => `urn:pulumi:lab::ha::a:b$${type}::${name}`;

function resource(
  name: string,
  dependencies: string[] = [],
  more: Partial<StateResource> = {},
): StateResource {
  return { urn: urn(name), type: COMMAND, dependencies, ...more };
}

type Times = Record<string, [number, number]>;

function steps(times: Times): Map<string, Step> {
  return new Map(Object.entries(times).map(([name, [from, to]]) => [urn(name), { name, from, to }]));
}

/** Names of the chain. */
function chain(times: Times, resources: StateResource[]): string[] {
  return longestChain(steps(times), waitsOf(resources)).map(({ name }) => name);
}

describe("the longest chain of a run", () => {
  it("goes back from the last step by those that ended last", () => {
    const resources = [
      resource("fast"),
      resource("slow"),
      resource("init", [urn("fast"), urn("slow")]),
      resource("check", [urn("init")]),
      resource("aside"),
    ];
    const times = {
      fast: [0, 5],
      slow: [0, 9],
      aside: [0, 12],
      init: [9, 20],
      check: [20, 30],
    } satisfies Times;
    assert.deepEqual(chain(times, resources), ["slow", "init", "check"]);
  });

  it("looks through what has no step", () => {
    const resources = [
      resource("copy"),
      resource("certificate", [urn("copy")]),
      resource("run", [urn("certificate")]),
    ];
    assert.deepEqual(chain({ copy: [0, 1], run: [3, 5] }, resources), ["copy", "run"]);
  });

  it("takes a provider for something that is waited for", () => {
    const provider = urn("api", "pulumi:providers:kubernetes");
    const resources = [
      resource("init"),
      { urn: provider, type: "pulumi:providers:kubernetes", dependencies: [urn("init")] },
      resource("network", [], { provider: `${provider}::0815` }),
    ];
    assert.deepEqual(chain({ init: [0, 9], network: [10, 12] }, resources), ["init", "network"]);
  });

  it("is empty without steps", () => {
    assert.deepEqual(chain({}, []), []);
  });
});
