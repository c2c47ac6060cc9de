import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ChartError, verifyChart } from "../../../components/network/chartFile";

const NAME = "tigera-operator-v3.31.7.tgz";
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("a chart on this machine", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "chart-"));
    mkdirSync(join(folder, "charts"));
    path = join(folder, "charts", NAME);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe("verifyChart", () => {
    it("takes a file that has the sum given", () => {
      writeFileSync(path, "chart");
      assert.deepEqual(verifyChart("3.31.7", { path, sha256: sha256("chart") }), {
        path,
        sha256: sha256("chart"),
      });
    });

    it("takes the sum from SHA256SUMS beside the file", () => {
      writeFileSync(path, "chart");
      writeFileSync(
        join(folder, "charts", "SHA256SUMS"),
        `${sha256("other")}  x${NAME}\n${sha256("chart")}  ${NAME}\n`,
      );
      assert.equal(verifyChart("3.31.7", { path }).sha256, sha256("chart"));
    });

    it("refuses a file with another sum, with both sums in the message", () => {
      writeFileSync(path, "changed");
      assert.throws(() => verifyChart("3.31.7", { path, sha256: sha256("chart") }), {
        message:
          `Calico's chart ${path} has sha256 ${sha256("changed")}, pinned is ${sha256("chart")}. ` +
          "Likely cause: the file was changed, or a proxy answered in its place. " +
          "Next: delete it, and npm run charts; don't use it before both agree.",
      });
    });

    it("refuses a file that nothing pins", () => {
      writeFileSync(path, "chart");
      assert.throws(
        () => verifyChart("3.31.7", { path }),
        /has no pinned sha256.*Next: npm run charts, and commit .*SHA256SUMS/,
      );
    });

    it("names the command when there is no file, at the default place of the version", () => {
      assert.throws(
        () => verifyChart("0.0.1"),
        (error: unknown) =>
          error instanceof ChartError &&
          error.message ===
            `Calico's chart ${join("charts", "tigera-operator-v0.0.1.tgz")} is not there. ` +
              "Likely cause: it was never fetched on this machine. Next: npm run charts.",
      );
    });
  });

  describe("fetch-chart.sh", () => {
    const script = resolve(__dirname, "../../../components/network/scripts/fetch-chart.sh");
    const fetch = () =>
      spawnSync("bash", [script, "v3.31.7", `file://${folder}/mirror`], { cwd: folder, encoding: "utf8" });
    const publish = (content: string) => {
      const release = join(folder, "mirror/github.com/projectcalico/calico/releases/download/v3.31.7");
      mkdirSync(release, { recursive: true });
      writeFileSync(join(release, NAME), content);
    };

    it("pins what it fetched first, so that verifyChart takes it", () => {
      publish("chart");
      assert.equal(fetch().status, 0);
      assert.equal(
        readFileSync(join(folder, "charts", "SHA256SUMS"), "utf8"),
        `${sha256("chart")}  ${NAME}\n`,
      );
      assert.equal(verifyChart("3.31.7", { path }).sha256, sha256("chart"));
    });

    it("is content with the same file again and pins it once", () => {
      publish("chart");
      fetch();
      assert.equal(fetch().status, 0);
      assert.equal(
        readFileSync(join(folder, "charts", "SHA256SUMS"), "utf8"),
        `${sha256("chart")}  ${NAME}\n`,
      );
    });

    it("refuses another file under the pinned version, and keeps the one that is there", () => {
      publish("chart");
      fetch();
      publish("changed");
      const { status, stderr } = fetch();
      assert.equal(status, 1);
      assert.match(
        stderr,
        new RegExp(`has sha256 ${sha256("changed")}, charts/SHA256SUMS says ${sha256("chart")}`),
      );
      assert.equal(readFileSync(path, "utf8"), "chart");
    });

    it("leaves nothing behind when the address does not answer", () => {
      const { status, stderr } = fetch();
      assert.equal(status, 1);
      assert.match(stderr, /can't be fetched \(curl exit code 37\)/);
      assert.equal(existsSync(path), false);
    });
  });
});
