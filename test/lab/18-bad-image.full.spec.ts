import { strict as assert } from "node:assert";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { engineOf, operate } from "../../lab/up";
import { lookAtPods } from "./checks";
import { editConfig, eventually, kubectl, lab, progress } from "./support";

const MISSING = "docker.io/library/nginx:0.0.0";
const SAMPLE = ["-n", "web-app", "deployment/web-app", "-o"];

/** Gives the samples another image; tells the one before. */
async function setImage(image: string): Promise<string> {
  let before = "";
  await editConfig((cluster) => {
    const samples = cluster["samples"] as { nginxImage: string };
    before = samples.nginxImage;
    samples.nginxImage = image;
  });
  return before;
}

describe("an image that can't be pulled", () => {
  let image: string;
  before(async () => {
    image = await setImage(MISSING);
  });

  it("is named by `up` within a minute, while the pods before go on", async () => {
    const events = join(lab.dir, "bad-image-events.jsonl");
    await rm(events, { force: true });
    const engine = await engineOf(lab);
    const up = engine.start(
      ["up", "--yes", "--skip-preview", "--parallel", "48"],
      join(lab.dir, "bad-image.log"),
      events,
    );
    const ended = new Promise((resolve) => up.on("close", resolve));
    const says = async (what: RegExp) =>
      assert(what.test(await readFile(events, "utf8").catch(() => "")), `${what} is not in the events of up`);
    try {
      await eventually(120, () => says(/"op":"update".*lab-sample-nginx-ha/));
      const from = Date.now();
      await eventually(60, () => says(/Pod nginx-ha\/.*(ErrImagePull|ImagePullBackOff).*nginx:0\.0\.0/));
      progress.say(`the image was named ${((Date.now() - from) / 1000).toFixed(0)} s after its update began`);
      // Of this one the engine says that it is updated, as two of its pods serve: the checks at the end of up would see it.
      await eventually(60, async () => {
        const { verdict, seen } = (await lookAtPods("web-app"))!;
        assert.equal(verdict, "fail");
        assert.match(seen, /web-app-\S+ is Pending, (ErrImagePull|ImagePullBackOff) \S+nginx:0\.0\.0/);
      });
      const ready = await kubectl("get", ...SAMPLE, "jsonpath={.status.availableReplicas}");
      assert(Number(ready) >= 2, `${ready} replicas`);
    } finally {
      up.kill("SIGINT");
      await ended;
    }
  });

  it("is replaced by an `up` that first asks what is there", async () => {
    await setImage(image);
    const args = ["up", "--yes", "--skip-preview", "--refresh", "--parallel", "48"];
    await operate(lab, await engineOf(lab), progress, args);
    const path = "jsonpath={.spec.template.spec.containers[0].image} {.status.availableReplicas}";
    assert.equal(await kubectl("get", ...SAMPLE, path), `${image} 3`);
  });
});
