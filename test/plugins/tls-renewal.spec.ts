/** When certificates are renewed, and which changed inputs make new ones. */
import assert from "node:assert/strict";
import { locallySignedCert } from "../../lab/plugins/tls/locally-signed-cert";
import { selfSignedCert } from "../../lab/plugins/tls/self-signed-cert";
import type { Known } from "../../lab/plugins/wire/resource";
import type { Props } from "../../lab/plugins/wire/values";
import { call, checked, created, difference } from "./support/calls";
import { testPki, type TestPki } from "./support/pki";

describe("plugins: tls renewal", function () {
  let pki: TestPki;
  before(async () => {
    pki = await testPki();
  });

  it("replaces once the early time has come, and not an hour before", async () => {
    const inputs = await pki.leafInputs(
      { subject: { commonName: "n" } },
      { validityPeriodHours: 48, earlyRenewalHours: 24 },
    );
    const known = await created(locallySignedCert, inputs);
    assert.equal(known.state["readyForRenewal"], false);
    const aged = (hoursLeft: number): Known => ({
      ...known,
      state: {
        ...known.state,
        validityEndTime: new Date(Date.now() + hoursLeft * 3_600_000).toISOString(),
      },
    });
    assert.deepEqual(difference(locallySignedCert, aged(25), inputs), { changes: {}, replaces: [] });
    assert.deepEqual(difference(locallySignedCert, aged(23), inputs), {
      changes: { readyForRenewal: "update" },
      replaces: ["readyForRenewal"],
    });
    assert.equal(locallySignedCert.refresh?.(aged(25))["readyForRenewal"], false);
    assert.equal(locallySignedCert.refresh(aged(23))["readyForRenewal"], true);
  });

  it("notes a changed early time in place, unless that time has come by it", async () => {
    const inputs = await pki.leafInputs({ subject: { commonName: "n" } });
    const known = await created(locallySignedCert, inputs);
    const news = { ...inputs, earlyRenewalHours: 24 };
    assert.deepEqual(difference(locallySignedCert, known, news), {
      changes: { earlyRenewalHours: "update" },
      replaces: [],
    });
    const state = await locallySignedCert.update(known, checked(locallySignedCert, news), call());
    assert.equal(state["earlyRenewalHours"], 24);
    assert.equal(state["certPem"], known.state["certPem"]);
    assert.deepEqual(difference(locallySignedCert, known, { ...inputs, earlyRenewalHours: 9000 }).replaces, [
      "readyForRenewal",
    ]);
  });

  it("is born ready when its time is over at once", async () => {
    const known = await created(
      selfSignedCert,
      pki.caInputs({ validityPeriodHours: 1, earlyRenewalHours: 1 }),
    );
    assert.equal(known.state["readyForRenewal"], true);
    assert.deepEqual(difference(selfSignedCert, known, known.inputs).replaces, ["readyForRenewal"]);
  });

  it("is replaced by all other inputs; a path length stays when it is no longer given", async () => {
    const known = await created(selfSignedCert, pki.caInputs({ maxPathLength: 1 }));
    assert.deepEqual(difference(selfSignedCert, known, pki.caInputs()), { changes: {}, replaces: [] });
    const others: Props[] = [
      { validityPeriodHours: 1000 },
      { allowedUses: [] },
      { maxPathLength: 3 },
      { setSubjectKeyId: true },
    ];
    for (const more of others) {
      assert.deepEqual(
        difference(selfSignedCert, known, pki.caInputs({ maxPathLength: 1, ...more })).replaces,
        Object.keys(more),
      );
    }
  });
});
