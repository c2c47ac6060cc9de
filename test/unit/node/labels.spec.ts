import assert from "node:assert/strict";
import fc from "fast-check";
import { nodeLabels } from "../../../components/node/labels";
import { parseCluster } from "../../../components/spec/parse";
import { goodConfig, placed } from "../spec/configs";

const [host] = parseCluster(goodConfig()).hosts.workers;

describe("labels of a node", () => {
  it("are none without rack and zone", () => {
    assert.equal(nodeLabels(host!), "");
  });

  it("have the zone under its well-known name and the rack under ours", () => {
    const config = placed("rack", { "worker-1": "rack-1" }, placed("zone", { "worker-1": "zone-a" }));
    const [worker] = parseCluster(config).hosts.workers;
    assert.equal(nodeLabels(worker!), "topology.kubernetes.io/zone=zone-a,ha-kubernetes.io/rack=rack-1");
  });

  it("are none that NodeRestriction refuses a kubelet", () => {
    // https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
    const allowed = [
      "topology.kubernetes.io/region",
      "topology.kubernetes.io/zone",
      "kubernetes.io/hostname",
    ];
    const place = fc.option(fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/), { nil: undefined });
    fc.assert(
      fc.property(place, place, (rack, zone) => {
        const labels = nodeLabels({ ...host!, ...(rack && { rack }), ...(zone && { zone }) });
        for (const label of labels.split(",").filter(Boolean)) {
          const [key = ""] = label.split("=");
          const restricted = /(^|\.)(kubernetes|k8s)\.io\//.test(key);
          assert.ok(!restricted || allowed.includes(key), label);
        }
      }),
    );
  });
});
