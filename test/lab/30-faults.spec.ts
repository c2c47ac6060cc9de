import { strict as assert } from "node:assert";
import * as hosts from "../../lab/hosts/hosts";
import { hostsOf } from "../../lab/shape";
import { engineOf, readState } from "../../lab/up";
import { writeStackConfig } from "../../lab/stackConfig";
import { killedUp } from "./kill";
import { editConfig, eventually, failingUp, kubectl, lab, on, up, type Config } from "./support";
import { tamper, untamper } from "./tamper";

const SHAPE = { topology: "external", masters: 3, workers: 4 } as const;
const NEW = { name: "w4", address: "192.168.10.114" };

/** One thing wrong with a host that is to join: how it is planted, what the engine must say, how it is cured. */
interface Fault {
  title: string;
  plant?: () => Promise<unknown>;
  config?: (ssh: Record<string, unknown>) => void;
  says: RegExp;
  cure?: () => Promise<unknown>;
}

/** A command of this name in front of the real one, as a planted reading. */
async function fake(command: string, script: string): Promise<void> {
  await on(
    "w4",
    `cat >/usr/local/bin/${command} <<'END'\n#!/bin/bash\n${script}\nEND\nchmod 755 /usr/local/bin/${command}`,
  );
}

const FAULTS: Fault[] = [
  {
    title: "its port 10250 is in use",
    plant: () =>
      on("w4", "systemd-run --collect --unit=squatter socat TCP-LISTEN:10250,fork,reuseaddr EXEC:true"),
    says: /w4: port 10250 is in use by socat\. Likely cause: .*\. Next: stop it/,
    cure: () => on("w4", "systemctl stop squatter"),
  },
  {
    title: "swap is on and can't be switched off",
    plant: () => fake("swapon", "echo '/dev/vdb partition 1G 0B -2'"),
    says: /w4: swap is on: .*\. Likely cause: .*\. Next: switch it off/,
    cure: () => on("w4", "rm /usr/local/bin/swapon"),
  },
  {
    title: "its clock is ten minutes off",
    plant: () =>
      fake("date", 'if [ "$*" = +%s ]; then echo $(($(/bin/date +%s) + 600)); else exec /bin/date "$@"; fi'),
    says: /w4: the clock is (59|60)\ds off .*\. Likely cause: no time synchronisation runs\. Next: install chrony/,
    cure: () => on("w4", "rm /usr/local/bin/date"),
  },
  {
    title: "its disk is full",
    plant: () => on("w4", "mount -t tmpfs -o size=100m tmpfs /var/lib"),
    says: /w4: \/var\/lib has \d+ MiB free, 4096 MiB are needed\. Likely cause: .*\. Next: make room/,
    cure: () => on("w4", "umount /var/lib"),
  },
  {
    title: "something else answers in the artifact server's place",
    plant: () => tamper("w4"),
    says: /w4: http.* has sha256 [0-9a-f]{64}, pinned is [0-9a-f]{64}\. Likely cause: .*\. Next: don't use it/,
    cure: () => untamper("w4"),
  },
  {
    title: "its host key is another one than pinned",
    config: (ssh) =>
      (ssh.hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGEESX2X9ToKnm2Ni6LYTgzYXl3opoGXEhmT8dxkBW6i"),
    says: /host key mismatch/,
  },
  {
    title: "the ssh user is unknown there",
    config: (ssh) => (ssh.user = "nobody-there"),
    says: /unable to authenticate/,
  },
  {
    title: "the ssh user may not use sudo",
    plant: () =>
      on(
        "w4",
        "useradd -m plain && install -D -o plain -m 600 /root/.ssh/authorized_keys /home/plain/.ssh/authorized_keys && chown -R plain /home/plain/.ssh",
      ),
    config: (ssh) => (ssh.user = "plain"),
    says: /w4: the ssh user plain is not root and may not use sudo without a password\. Next: add/,
    cure: () => on("w4", "userdel -r plain 2>/dev/null; true"),
  },
];

function newHost(cluster: Config): Record<string, unknown> {
  const host = cluster.hosts.find(({ name }) => name === "w4");
  assert(host);
  return host.ssh;
}

/** The lab's config with the fourth worker in it. */
async function freshConfig(): Promise<void> {
  const state = await readState(lab);
  assert(state);
  await writeStackConfig(lab, SHAPE, state.tools.bundle, (await engineOf(lab)).configFile);
}

describe("a worker with something wrong joins", () => {
  before(async () => {
    await hosts.wipe(lab, "w4");
    await hosts.keys(lab, ["w4"]);
    assert(hostsOf(SHAPE).some(({ address }) => address === NEW.address));
    await freshConfig();
  });

  it("is told apart when it can't be reached", async () => {
    const { errors, seconds } = await failingUp();
    assert.match(
      errors,
      /192\.168\.10\.114:22: (connect: )?.*(no route to host|i\/o timeout|EHOSTUNREACH|timed out)/i,
    );
    assert(seconds < 60, `it took ${seconds} s`);
    await hosts.up(lab, [NEW]);
  });

  for (const fault of FAULTS) {
    it(`says so when ${fault.title}, within a minute`, async () => {
      await fault.plant?.();
      await freshConfig();
      await editConfig((cluster) => fault.config?.(newHost(cluster)));
      const { errors, seconds } = await failingUp();
      assert.match(errors, fault.says);
      assert(seconds < 60, `it took ${seconds} s`);
      await fault.cure?.();
      assert.equal(
        await kubectl("get", "nodes", "-o", "name", "--no-headers").then((out) => out.split("\n").length),
        6,
      );
    });
  }

  it("joins half-built, by a user with sudo, after the engine was killed in its join", async () => {
    await freshConfig();
    await editConfig((cluster) => (newHost(cluster).user = "ops"));
    await killedUp("lab-worker-w4-join");
    const { steps } = await up();
    const touched = steps.filter(({ type }) => type.startsWith("command:")).map(({ name }) => name);
    assert(
      touched.every((name) => name.includes("w4") || name.endsWith("-check")),
      `also touched: ${touched.join(", ")}`,
    );
    await eventually(30, async () =>
      assert.equal(
        await kubectl("get", "node", "w4", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}"),
        "True",
      ),
    );
  });

  it("leaves when its line leaves the config", async () => {
    const state = await readState(lab);
    assert(state);
    await writeStackConfig(
      lab,
      { ...SHAPE, workers: 3 },
      state.tools.bundle,
      (await engineOf(lab)).configFile,
    );
    await kubectl("delete", "node", "w4", "--wait=false");
    await up();
    assert.equal(await on("w4", "ls -d /etc/kubernetes /var/lib/ha-kubernetes 2>/dev/null; true"), "");
    await hosts.wipe(lab, "w4");
  });
});
