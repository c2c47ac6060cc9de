import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { need } from "../support/programs";

const SCRIPTS = join(__dirname, "../../../components/loadbalancer/scripts");
const HEAD = "# pxname,svname,status,weight,check_status,last_chk,";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha-kubernetes-lb-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("api-live", () => {
  /** Exit code where HAProxy's socket gives this answer. */
  async function live(...servers: string[]): Promise<number> {
    const path = join(folder, "socket");
    const server = createServer((socket) => void socket.end([HEAD, ...servers, "", ""].join("\n")));
    await once(server.listen(path), "listening");
    const code = await new Promise<number>((resolve) => {
      execFile(join(SCRIPTS, "live.sh"), [path], (error) => resolve(Number(error?.code ?? 0)));
    });
    server.close();
    return code;
  }

  before(function () {
    need(this, "socat", "awk", "timeout");
  });

  const cases: [string, number, string[]][] = [
    ["one server that passed", 0, ["apiservers,a,DOWN,1,L4CON,,", "apiservers,b,UP,1,L7OK,,"]],
    ["a check on its way", 0, ["apiservers,a,UP,1,* L7OK,,"]],
    ["a first failure that is no verdict yet", 0, ["apiservers,a,UP 1/2,1,L4TOUT,,"]],
    [
      "nothing but servers that are down",
      1,
      ["apiservers,a,DOWN,1,L4CON,,", "apiservers,b,DOWN 1/2,1,L7OK,,"],
    ],
    ["a server that was never checked", 1, ["apiservers,a,UP,1,INI,,"]],
    ["a server in maintenance", 1, ["apiservers,a,MAINT,1,,,"]],
    ["no server", 1, []],
  ];
  for (const [title, code, servers] of cases) {
    it(`says ${code} of ${title}`, async () => assert.equal(await live(...servers), code));
  }

  it("fails without HAProxy", () => {
    assert.notEqual(spawnSync(join(SCRIPTS, "live.sh"), [join(folder, "none")]).status, 0);
  });
});

describe("api-notify", () => {
  const metrics = () => join(folder, "vrrp.prom");
  const notify = (...args: string[]) =>
    spawnSync(join(SCRIPTS, "notify.sh"), args, { env: { ...process.env, HA_KUBERNETES_TEXTFILE: folder } })
      .status;

  before(function () {
    need(this, "bash", "logger");
  });

  it("takes the state from where Keepalived passes it", () => {
    for (const state of ["MASTER", "BACKUP", "FAULT", "STOP"]) {
      assert.equal(notify("INSTANCE", "api", state, "100"), 0);
      const ones = readFileSync(metrics(), "utf8").match(/^ha_kubernetes_vrrp_state.* 1$/gm);
      assert.deepEqual(ones, [`ha_kubernetes_vrrp_state{instance_name="api",state="${state}"} 1`]);
    }
  });

  it("can be read by node-exporter, whatever Keepalived lets others read", () => {
    const inside = join(folder, "textfile");
    const env = { ...process.env, HA_KUBERNETES_TEXTFILE: inside };
    const command = ["-c", 'umask 0177; exec "$0" "$@"', join(SCRIPTS, "notify.sh")];
    assert.equal(spawnSync("bash", [...command, "INSTANCE", "api", "MASTER", "100"], { env }).status, 0);
    assert.equal(statSync(inside).mode & 0o777, 0o755);
    assert.equal(statSync(join(inside, "vrrp.prom")).mode & 0o777, 0o644);
  });

  it("says so when it is called in another way, instead of noting a wrong state", () => {
    assert.equal(notify("MASTER"), 64);
    assert.ok(!existsSync(metrics()));
  });
});
