import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { TestHost, type Parts } from "./testHost";

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const PROGRAM = "#!/bin/sh\necho one\n";
const NOTHING = "0".repeat(64);

describe("artifacts.sh", () => {
  let host: TestHost;
  let server: Server;
  let base: string;
  /** What the server has, by path. */
  let served: Record<string, string | Buffer>;
  /** What it was asked for. */
  let asked: string[];
  TestHost.each((made) => (host = made));
  beforeEach(async () => {
    served = { "some/program": PROGRAM };
    asked = [];
    server = createServer((request, response) => {
      const path = request.url?.slice(1) ?? "";
      asked.push(path);
      const found = served[path];
      response.writeHead(found === undefined ? 404 : 200).end(found);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  const run = (phase: string, artifacts: string, more: Partial<Parts> = {}) =>
    host.run({
      phase,
      files: { artifacts, images: "registry.example.com/a:11", ...more.files },
      variables: { ARTIFACT_BASE: base, ...more.variables },
      shell: more.shell ?? [],
    });
  const done = async (...args: Parameters<typeof run>) => {
    const { status, stderr } = await run(...args);
    assert.equal(status, 0, stderr);
  };
  const cached = () =>
    existsSync(host.at("/var/cache/ha-kubernetes")) ? readdirSync(host.at("/var/cache/ha-kubernetes")) : [];
  const isProgram = (path: string) => (statSync(host.at(path)).mode & 0o777) === 0o755;
  const install = "install_binary program /var/bin/program";

  it("installs a binary whose sum is the pinned one", async () => {
    await done(install, `program some/program ${sha256(PROGRAM)}`);
    assert.equal(host.read("/var/bin/program"), PROGRAM);
    assert.ok(isProgram("/var/bin/program"));
  });

  it("refuses another sum before anything is installed or kept", async () => {
    const { status, stderr } = await run(install, `program some/program ${NOTHING}`);
    assert.equal(status, 70);
    assert.equal(
      stderr,
      `h1: ${base}/some/program has sha256 ${sha256(PROGRAM)}, pinned is ${NOTHING}. ` +
        "Likely cause: the file was changed, or a proxy answered in its place. " +
        "Next: don't use it; compare with the publisher's sum.\n",
    );
    assert.ok(!existsSync(host.at("/var/bin/program")));
    assert.deepEqual(cached(), []);
  });

  it("says what can't be fetched and how to look", async () => {
    host.fake("curl", "exit 22");
    const { status, stderr } = await run(install, `program some/program ${NOTHING}`);
    assert.equal(status, 70);
    assert.equal(
      stderr,
      `h1: ${base}/some/program can't be fetched (curl exit code 22). ` +
        "Likely cause: no way from this host to that address, or a wrong artifacts.baseUrl. " +
        `Next: on the host: curl -fI ${base}/some/program.\n`,
    );
    assert.match(host.calls("curl")[0] ?? "", /-fsSL --retry 4 /);
  });

  it("fetches nothing again that is installed", async () => {
    const list = `program some/program ${sha256(PROGRAM)}`;
    await done(install, list);
    await done(install, list);
    assert.deepEqual(asked, ["some/program"]);
  });

  it("installs again what was removed, and what has another pin now", async () => {
    await done(install, `program some/program ${sha256(PROGRAM)}`);
    await done(`rm /var/bin/program\n ${install}`, `program some/program ${sha256(PROGRAM)}`);
    assert.ok(existsSync(host.at("/var/bin/program")));
    served["some/newer"] = "newer";
    await done(install, `program some/newer ${sha256("newer")}`);
    assert.equal(host.read("/var/bin/program"), "newer");
  });

  it("fetches again what lies half written under a whole name", async () => {
    const sum = sha256(PROGRAM);
    host.write(`/var/cache/ha-kubernetes/${sum}`, PROGRAM.slice(0, 5));
    await done(install, `program some/program ${sum}`);
    assert.equal(host.read("/var/bin/program"), PROGRAM);
  });

  it("fetches two artifacts of the same content once", async () => {
    const sum = sha256(PROGRAM);
    await done(
      `${install}\n install_binary other /var/bin/other`,
      `program some/program ${sum}\nother else/where ${sum}`,
    );
    assert.deepEqual(asked, ["some/program"]);
    assert.equal(host.read("/var/bin/other"), PROGRAM);
  });

  it("takes the wanted members of an archive, without their folders, and keeps no archive", async () => {
    const tar = archive({ "x-1/tool": "tool", "x-1/helper": "helper", "x-1/README": "no" });
    served["x.tgz"] = tar;
    await done("install_tar x /var/bin", `x x.tgz ${sha256(tar)} x-1/tool x-1/helper`);
    assert.deepEqual(readdirSync(host.at("/var/bin")).sort(), ["helper", "tool"]);
    assert.ok(isProgram("/var/bin/tool"));
    assert.deepEqual(cached(), []);
  });

  it("says that an unknown artifact is no fault of the operator", async () => {
    const { status, stderr } = await run("install_binary none /var/bin/none", "program some/program -");
    assert.equal(status, 70);
    assert.equal(
      stderr,
      "h1: no artifact is called none. Likely cause: a fault of ha-kubernetes. Next: report it.\n",
    );
  });

  it("asks for the clock where it fetches the first artifact", async () => {
    const { stderr } = await run('echo "$(first_artifact_url)" >&4', "a b/c -\nd e/f -");
    assert.equal(stderr, `${base}/b/c\n`);
  });

  describe("with a bundle", () => {
    const pinned = (manifest: string) => ({ variables: { MANIFEST_SHA256: sha256(manifest) } });
    const withManifest = (manifest: string) => {
      served["manifest.txt"] = manifest;
      return pinned(manifest);
    };

    it("takes the sums from the manifest, whose own sum is pinned", async () => {
      const more = withManifest(`${sha256("x")} else/where\n${sha256(PROGRAM)} some/program\n`);
      await done(`fetch_manifest\n ${install}`, "program some/program -", more);
      assert.equal(host.read("/var/bin/program"), PROGRAM);
      assert.deepEqual(asked, ["manifest.txt", "some/program"]);
    });

    it("refuses another manifest", async () => {
      served["manifest.txt"] = "something else";
      const { status, stderr } = await run("fetch_manifest", "program some/program -", pinned("the one"));
      assert.equal(status, 70);
      assert.match(stderr, /manifest\.txt has sha256 \w{64}, pinned is \w{64}\. Likely cause/);
    });

    it("says so if the bundle lacks a file", async () => {
      const more = withManifest(`${sha256("x")} some/program-2\n`);
      const { status, stderr } = await run(`fetch_manifest\n ${install}`, "program some/program -", more);
      assert.equal(status, 70);
      assert.equal(
        stderr,
        "h1: the bundle has no some/program. Likely cause: a bundle made for other versions. " +
          "Next: make the bundle again and set artifacts.manifestSha256.\n",
      );
    });

    it("imports the images of this role only, each once", async () => {
      const [mine, other] = ["archive of a", "archive of b"];
      Object.assign(served, { "a.tar": mine, "b.tar": other });
      const more = withManifest(
        `${sha256(mine)} a.tar registry.example.com/a:11\n${sha256(other)} b.tar registry.example.com/a:1\n${sha256("y")} y\n`,
      );
      host.fake("ctr", 'cat "${!#}" >>/var/imported');
      const parts = { ...more, shell: ["node/scripts/containerd.sh"] };
      await done("fetch_manifest\n node_images", "", parts);
      await done("fetch_manifest\n node_images", "", parts);
      assert.equal(host.read("/var/imported"), mine);
      assert.deepEqual(asked, ["manifest.txt", "a.tar"]);
      assert.deepEqual(cached(), [sha256(served["manifest.txt"] ?? "")]);
    });
  });

  function archive(members: Record<string, string>): Buffer {
    const from = host.at("archive");
    for (const [name, text] of Object.entries(members)) {
      mkdirSync(join(from, name, ".."), { recursive: true });
      writeFileSync(join(from, name), text);
    }
    spawnSync("tar", ["-czf", host.at("x.tgz"), "-C", from, "x-1"]);
    return readFileSync(host.at("x.tgz"));
  }
});
