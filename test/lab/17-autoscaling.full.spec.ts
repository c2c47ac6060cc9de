import { strict as assert } from "node:assert";
import { ask, makeClients } from "./client";
import { eventually, kubectl, progress } from "./support";

/** Replicas that the autoscaler asks for. */
async function replicas(): Promise<number> {
  return Number(
    await kubectl("-n", "nginx-ha", "get", "deployment", "nginx-ha", "-o", "jsonpath={.spec.replicas}"),
  );
}

describe("the autoscaler of nginx-ha", () => {
  let remove: () => Promise<unknown>;
  before(async () => {
    remove = await makeClients(["load"]);
  });
  after(() => remove());

  it("adds replicas under load, and takes them away again", async () => {
    await eventually(120, async () => assert.equal(await replicas(), 3));
    const from = Date.now();
    const seconds = () => ((Date.now() - from) / 1000).toFixed(0);
    // Four at a time, for four minutes: pages that are packed anew for each request.
    const page = "http://nginx-ha.nginx-ha.svc.cluster.local/work";
    const load = ask(
      "load",
      `end=$(($(date +%s) + 240))
       for _ in 1 2 3 4; do
         while [ "$(date +%s)" -lt "$end" ]; do busybox timeout 5 wget -q --header 'Accept-Encoding: gzip' -O /dev/null ${page} || true; done &
       done
       wait`,
    );
    await eventually(240, async () => assert((await replicas()) > 3, "still three"));
    progress.say(`more than three replicas after ${seconds()} s of load`);
    await load;
    const most = await replicas();
    // It looks back five minutes before it takes any away.
    await eventually(600, async () => assert.equal(await replicas(), 3));
    progress.say(`${most} replicas at the end of the load; three again ${seconds()} s after its start`);
  });
});
