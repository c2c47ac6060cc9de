import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { read, ROOT } from "./markdown";

/** A resource that the example asked the engine for. */
interface Asked {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

interface Manifest {
  readonly dependencies: Record<string, string>;
}

/** Runs the program against mocks, in a process of its own; prints what it asked for. */
const RUNNER = `
const pulumi = require("@pulumi/pulumi");
const asked = [];
pulumi.runtime.setAllConfig({ "reuse:cluster": process.env.CLUSTER });
(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      asked.push({ type, name, inputs });
      const made = type.startsWith("tls:") ? { certPem: name + " cert", privateKeyPem: name + " key", publicKeyPem: name + " pub", certRequestPem: name } : {};
      return { id: name + "-id", state: { ...inputs, ...made } };
    },
    call: ({ inputs }) => inputs,
  }, "reuse", "test", false);
  const { endpoints, metrics } = require("./index.ts");
  await pulumi.runtime.disconnect();
  const scripts = await Promise.all(asked.filter(({ inputs }) => inputs.source).map(({ inputs }) => inputs.source.path));
  process.stdout.write(JSON.stringify({ asked, endpoints, metrics, scripts }));
})();
`;

describe("examples/reuse, from a packed copy of the package", function () {
  this.timeout(180_000);
  let folder: string;
  let program: string;
  let own: string;
  let result: { asked: Asked[]; endpoints: string[]; metrics: unknown[]; scripts: string[] };

  /** Puts a package's own dependencies beside it, those that are installed here. */
  const link = ({ dependencies }: Manifest): void => {
    for (const name of Object.keys(dependencies)) {
      const at = join(program, "node_modules", name);
      mkdirSync(dirname(at), { recursive: true });
      if (!existsSync(at)) symlinkSync(join(ROOT, "node_modules", name), at);
    }
  };

  const run = (command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}) =>
    execFileSync(command, args, {
      cwd,
      env: { ...process.env, ...env },
      encoding: "utf8",
      maxBuffer: 64 << 20,
      stdio: ["ignore", "pipe", "inherit"],
    });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "ha-kubernetes-reuse-"));
    program = join(folder, "program");
    own = join(program, "node_modules", "ha-kubernetes");
    run("bash", ["build.sh"], ROOT);
    const packed = run(
      "npm",
      ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder],
      ROOT,
    ).trim();
    cpSync(join(ROOT, "examples", "reuse"), program, {
      recursive: true,
      filter: (path) => !/node_modules|package-lock/.test(path),
    });
    writeFileSync(join(program, "runner.cjs"), RUNNER);
    mkdirSync(own, { recursive: true });
    run("tar", ["-xzf", join(folder, packed), "-C", own, "--strip-components=1"], folder);
    // As npm would install them, but without a registry: what a manifest does not name can't be loaded.
    link(JSON.parse(readFileSync(join(own, "package.json"), "utf8")) as Manifest);
    link(JSON.parse(read("examples/reuse/package.json")) as Manifest);

    const stack = parse(read("examples/reuse/Pulumi.dev.yaml")) as { config: Record<string, unknown> };
    const loader = ["--require", require.resolve("tsx/cjs"), "runner.cjs"];
    const env = { CLUSTER: JSON.stringify(stack.config["reuse:cluster"]) };
    result = JSON.parse(run(process.execPath, loader, program, env)) as typeof result;
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is made of the package's files and of what it depends on by name, and of nothing else of this repository", () => {
    const { files } = JSON.parse(read("package.json")) as { files: string[] };
    assert.deepEqual(
      readdirSync(own)
        .filter((name) => !["package.json", "README.md"].includes(name))
        .sort(),
      [...files].sort(),
    );
    assert(!existsSync(join(program, "node_modules", "mocha")), "a development dependency is there");
  });

  it("has the files that the services read beside themselves", () => {
    for (const folder of ["monitoring/rules", "storage/scripts"]) {
      const packed = readdirSync(join(own, "dist", "components", folder)).sort();
      assert(packed.length > 0);
      assert.deepEqual(packed, readdirSync(join(ROOT, "components", folder)).sort());
    }
  });

  it("asks for a script and its steps on each etcd host, and for nothing on any other host", () => {
    const remote = result.asked.filter(({ type }) => type.startsWith("command:remote:"));
    assert.deepEqual(
      remote.map(({ name }) => name).sort(),
      ["etcd-1", "etcd-2", "etcd-3"].flatMap((host) =>
        ["health", "install", "script"].map((step) => `store-${host}-${step}`),
      ),
    );
    // The whole connection is a secret.
    const hosts = remote.map(({ inputs }) => (inputs.connection as { value: { host: string } }).value.host);
    assert.deepEqual([...new Set(hosts)].sort(), ["192.168.10.201", "192.168.10.202", "192.168.10.203"]);
  });

  it("makes the certificates of the members", () => {
    const certificates = result.asked
      .filter(({ type }) => type === "tls:index/locallySignedCert:LocallySignedCert")
      .map(({ name }) => name);
    for (const host of ["etcd-1", "etcd-2", "etcd-3"])
      for (const kind of ["server", "peer"])
        assert(certificates.includes(`store-pki-etcd-${kind}-${host}`), host);
  });

  it("copies a whole script, made of the shell files in the package", () => {
    assert.equal(new Set(result.scripts).size, 1);
    const script = readFileSync(result.scripts[0]!, "utf8");
    for (const part of ["phase_install()", "preflight_clock()", "download()", 'main "$@"'])
      assert(script.includes(part), part);
  });

  it("gives out where etcd is", () => {
    assert.deepEqual(
      result.endpoints,
      ["192.168.10.201", "192.168.10.202", "192.168.10.203"].map((host) => `https://${host}:2379`),
    );
    const hosts = (port: number) =>
      Object.fromEntries([1, 2, 3].map((n) => [`etcd-${n}`, `192.168.10.20${n}:${port}`]));
    assert.deepEqual(result.metrics, [
      { job: "etcd", at: { hosts: hosts(2381) } },
      { job: "node-exporter", at: { hosts: hosts(9100) } },
    ]);
  });

  it("fits the package's types", () => {
    const types = ["--typeRoots", join(ROOT, "node_modules", "@types"), "--types", "node"];
    run(
      join(ROOT, "node_modules", "typescript-native", "bin", "tsc"),
      ["-p", "tsconfig.json", ...types],
      program,
    );
  });
});
