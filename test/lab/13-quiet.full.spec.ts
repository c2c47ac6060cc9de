import { strict as assert } from "node:assert";
import { labels, OF_THE_MACHINE, query } from "./prometheus";
import { progress, sleep } from "./support";

const MINUTES = 10;

describe("a quiet cluster", () => {
  it("has no target down and no alert but the watchdog, not even a pending one, after ten minutes", async function () {
    this.timeout((MINUTES + 5) * 60_000);
    await sleep(MINUTES * 60_000);
    assert.deepEqual(labels(await query("up == 0"), "job"), []);
    const alerts = labels(await query("ALERTS"), "alertname");
    progress.say(`alerts: ${alerts.join(", ")}`);
    assert.deepEqual(
      alerts.filter((alert) => !OF_THE_MACHINE.includes(alert)),
      ["Watchdog"],
    );
  });
});
