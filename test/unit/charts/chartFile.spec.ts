import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ChartError, chartOf, verifyChart, type ChartFile, type ChartName } from "../../../components/charts";
import { versionsFor, DEFAULT_KUBERNETES_VERSION } from "../../../components/spec/versions";
import { CEPH_CSI_IMAGES, NFS_CSI_IMAGES } from "../../../components/spec/services";

const CALICO = chartOf("tigera-operator");
const NAME = "tigera-operator-v3.31.7.tgz";
const RELEASE = "github.com/projectcalico/calico/releases/download/v3.31.7";
const SCRIPTS = resolve(__dirname, "../../../components/charts/scripts");
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
  const verify = (file: ChartFile) => verifyChart(CALICO, file);

  describe("verifyChart", () => {
    it("takes a file that has the sum given", () => {
      writeFileSync(path, "chart");
      assert.deepEqual(verify({ path, sha256: sha256("chart") }), {
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
      assert.equal(verify({ path }).sha256, sha256("chart"));
    });

    it("refuses a file with another sum, with both sums in the message", () => {
      writeFileSync(path, "changed");
      assert.throws(() => verify({ path, sha256: sha256("chart") }), {
        message:
          `Calico's chart ${path} has sha256 ${sha256("changed")}, pinned is ${sha256("chart")}. ` +
          "Likely cause: the file was changed, or a proxy answered in its place. " +
          "Next: delete it, and npm run charts; don't use it before both agree.",
      });
    });

    it("refuses a file that nothing pins", () => {
      writeFileSync(path, "chart");
      assert.throws(
        () => verify({ path }),
        /has no pinned sha256.*Next: npm run charts, and commit .*SHA256SUMS/,
      );
    });

    it("names the command when there is no file, at the default place of the version", () => {
      assert.throws(
        () => verifyChart({ ...CALICO, file: "tigera-operator-v0.0.1.tgz" }),
        (error: unknown) =>
          error instanceof ChartError &&
          error.message ===
            `Calico's chart ${join("charts", "tigera-operator-v0.0.1.tgz")} is not there. ` +
              "Likely cause: it was never fetched on this machine. Next: npm run charts.",
      );
    });
  });

  describe("chartOf", () => {
    it("has the version of Calico that goes with the cluster, and those of the drivers whose images hosts have", () => {
      assert.equal(CALICO.version, versionsFor(DEFAULT_KUBERNETES_VERSION)?.calico);
      assert.ok(CEPH_CSI_IMAGES.includes(`quay.io/cephcsi/cephcsi:v${chartOf("ceph-csi-rbd").version}`));
      const nfsplugin = `registry.k8s.io/sig-storage/nfsplugin:v${chartOf("csi-driver-nfs").version}`;
      assert.equal(NFS_CSI_IMAGES.node[0], nfsplugin);
    });

    it("has a file and addresses of the version in each line", () => {
      const lines = readFileSync(resolve(SCRIPTS, "../charts.txt"), "utf8").split("\n");
      const names = lines.flatMap((line) => {
        if (line === "" || line.startsWith("#")) return [];
        const [name = "", version = "", file = "", address = "", index = "", ...more] = line.split(" ");
        assert.match(file, new RegExp(`^${name}-v?${version.replaceAll(".", "\\.")}\\.tgz$`));
        assert.ok(address.endsWith(`/${file}`) && index.endsWith("/index.yaml"), line);
        assert.deepEqual(more, []);
        return [name];
      });
      assert.deepEqual(names, ["tigera-operator", "ceph-csi-rbd", "csi-driver-nfs"]);
      for (const name of names) assert.ok(chartOf(name as ChartName).title);
    });

    it("says the chart's name in the message", () => {
      assert.throws(() => verifyChart({ ...chartOf("ceph-csi-rbd"), file: "none.tgz" }), {
        message:
          `Ceph CSI's chart ${join("charts", "none.tgz")} is not there. ` +
          "Likely cause: it was never fetched on this machine. Next: npm run charts.",
      });
    });
  });

  describe("fetch-charts.sh", () => {
    const fetch = (...names: string[]) =>
      spawnSync("bash", [join(SCRIPTS, "fetch-charts.sh"), ...names, `file://${folder}/mirror`], {
        cwd: folder,
        encoding: "utf8",
      });
    const fetchCalico = () => fetch("tigera-operator");
    const publish = (content: string) => publishAt(RELEASE, NAME, content);
    const publishAt = (path: string, file: string, content: string) => {
      mkdirSync(join(folder, "mirror", path), { recursive: true });
      writeFileSync(join(folder, "mirror", path, file), content);
    };
    const sums = () => readFileSync(join(folder, "charts", "SHA256SUMS"), "utf8");

    it("pins what it fetched first, so that verifyChart takes it", () => {
      publish("chart");
      const { status, stdout } = fetchCalico();
      assert.equal(status, 0);
      assert.match(stdout, /Compare it with 'digest' of version 3\.31\.7 in https:\/\/docs\.tigera\.io\//);
      assert.equal(sums(), `${sha256("chart")}  ${NAME}\n`);
      assert.equal(verify({ path }).sha256, sha256("chart"));
    });

    it("is content with the same file again and pins it once", () => {
      publish("chart");
      fetchCalico();
      assert.equal(fetchCalico().status, 0);
      assert.equal(sums(), `${sha256("chart")}  ${NAME}\n`);
    });

    it("refuses another file under the pinned version, and keeps the one that is there", () => {
      publish("chart");
      fetchCalico();
      publish("changed");
      const { status, stderr } = fetchCalico();
      assert.equal(status, 1);
      assert.match(
        stderr,
        new RegExp(`has sha256 ${sha256("changed")}, charts/SHA256SUMS says ${sha256("chart")}`),
      );
      assert.equal(readFileSync(path, "utf8"), "chart");
    });

    it("leaves nothing behind when the address does not answer", () => {
      const { status, stderr } = fetchCalico();
      assert.equal(status, 1);
      assert.match(stderr, /can't be fetched \(curl exit code 37\)/);
      assert.equal(existsSync(path), false);
      assert.deepEqual(readdirSync(join(folder, "charts")), ["SHA256SUMS"]);
    });

    it("fetches all of them without a name, and those that can be had when one can't", () => {
      publish("chart");
      publishAt("kubernetes-csi.github.io/csi-driver-nfs", "csi-driver-nfs-4.13.4.tgz", "nfs");
      const { status, stderr } = fetch();
      assert.equal(status, 1);
      assert.match(stderr, /^curl: [^\n]*\nfile:\S+ceph-csi-rbd-3\.17\.1\.tgz can't be fetched[^\n]*\n$/);
      assert.equal(sums(), `${sha256("chart")}  ${NAME}\n${sha256("nfs")}  csi-driver-nfs-4.13.4.tgz\n`);
      publishAt("ceph.github.io/csi-charts/rbd", "ceph-csi-rbd-3.17.1.tgz", "ceph");
      assert.equal(fetch().status, 0);
      assert.equal(
        verifyChart(chartOf("ceph-csi-rbd"), { path: join(folder, "charts", "ceph-csi-rbd-3.17.1.tgz") })
          .sha256,
        sha256("ceph"),
      );
    });

    it("says which names there are where it does not know one", () => {
      const { status, stderr } = fetch("ceph");
      assert.equal(status, 1);
      assert.equal(
        stderr,
        "ceph is no chart of ours. Next: name some of: tigera-operator ceph-csi-rbd csi-driver-nfs\n",
      );
    });
  });
});
