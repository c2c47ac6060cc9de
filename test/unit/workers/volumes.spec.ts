import assert from "node:assert/strict";
import { TestHost } from "../host/testHost";

describe("local volumes of a worker that leaves", () => {
  let host: TestHost;
  TestHost.each((made) => (host = made));

  const wipe = (folder: string) =>
    host.run({
      phase: "worker_wipe_volumes",
      shell: ["workers/scripts/worker.sh"],
      variables: { ENDPOINT: "192.0.2.100:6443", LOCAL_PATH: folder },
    });

  it("go with it, and what else lies in their folder stays", async () => {
    host.write("/var/lib/local-path/pvc-1_default_data/file", "gone");
    host.write("/var/lib/local-path/lost+found/file", "kept");
    const { status, stderr } = await wipe("/var/lib/local-path");
    assert.equal(status, 0, stderr);
    assert.throws(() => host.read("/var/lib/local-path/pvc-1_default_data/file"), /ENOENT/);
    assert.equal(host.read("/var/lib/local-path/lost+found/file"), "kept");
  });

  it("take their folder along if nothing else is in it, and a second time there is nothing to do", async () => {
    host.write("/var/lib/local-path/pvc-1_default_data/file", "gone");
    for (let i = 0; i < 2; i++) assert.equal((await wipe("/var/lib/local-path")).status, 0);
    assert.throws(() => host.read("/var/lib/local-path"), /ENOENT/);
  });

  it("are never looked for without a folder", async () => {
    assert.notEqual((await wipe("")).status, 0);
  });
});
