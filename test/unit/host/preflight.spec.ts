import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { TestHost } from "./testHost";

const DEBIAN = 'ID=debian\nVERSION_ID="12"\n';

describe("preflight.sh", () => {
  let host: TestHost;
  TestHost.each((made) => {
    host = made;
    host.write("/etc/os-release", DEBIAN);
    host.fake("uname", "echo x86_64");
  });
  /** What a check that refuses says. */
  const refused = async (phase: string) => {
    const { status, stderr } = await host.run({ phase });
    assert.equal(status, 70, stderr);
    return stderr;
  };
  const passes = async (phase: string) => {
    const { status, stderr } = await host.run({ phase });
    assert.deepEqual([status, stderr], [0, ""]);
  };

  describe("of the system", () => {
    for (const [id, version] of [
      ["debian", "12"],
      ["debian", "13"],
      ["ubuntu", "22.04"],
      ["ubuntu", "24.04"],
    ]) {
      it(`takes ${id} ${version}`, async () => {
        host.write("/etc/os-release", `ID=${id}\nVERSION_ID="${version}"\n`);
        await passes("preflight_system");
      });
    }

    it("refuses a distribution that nobody tried", async () => {
      host.write("/etc/os-release", "ID=alpine\nVERSION_ID=3.20.1\n");
      assert.equal(
        await refused("preflight_system"),
        "h1: the distribution is 'alpine 3.20.1'. Likely cause: a host that was never prepared for ha-kubernetes. " +
          "Next: install Debian 12 or 13, or Ubuntu 22.04 or 24.04.\n",
      );
    });

    it("refuses one without a version", async () => {
      host.write("/etc/os-release", "ID=debian\n");
      assert.match(await refused("preflight_system"), /^h1: the distribution is 'debian '\. /);
    });

    it("refuses another CPU than the config says", async () => {
      host.fake("uname", "echo aarch64");
      assert.equal(
        await refused("preflight_system"),
        "h1: the CPU is aarch64, the config says x86_64. Likely cause: 'architecture' in the config is wrong. " +
          "Next: set architecture to what all hosts have.\n",
      );
    });

    it("refuses a host without systemd", async () => {
      assert.equal(
        await refused("rmdir /run/systemd/system\n preflight_system"),
        "h1: systemd does not run. Likely cause: the host is a plain container. Next: use a host that systemd boots.\n",
      );
    });
  });

  describe("of programs and services", () => {
    it("says all programs that are missing", async () => {
      await passes("preflight_programs bash cat");
      assert.equal(
        await refused("preflight_programs bash no-such-1 no-such-2"),
        "h1: the programs no-such-1 no-such-2 are missing. Likely cause: a minimal installation. " +
          "Next: on the host: apt-get install curl openssl tar iproute2.\n",
      );
    });

    it("refuses a service that somebody else installed", async () => {
      host.fake("systemctl", '[ "$*" = "is-active --quiet docker" ]');
      await passes("preflight_services containerd kubelet");
      assert.match(
        await refused("preflight_services containerd docker kubelet"),
        /^h1: the service docker runs already\. Likely cause: .*\. Next: take it off the host .*\.\n$/,
      );
    });
  });

  describe("of a firewall", () => {
    const MIND = " Mind that NAME is active on this host: the ports that it must let pass are in the README.";

    it("refuses nothing, but every failure says that one is active", async () => {
      host.fake("firewall-cmd", "echo running");
      assert.equal(
        await refused("die seen cause next"),
        `h1: seen. Likely cause: cause. Next: next.${MIND.replace("NAME", "firewalld")}\n`,
      );
      host.fake("ufw", "echo 'Status: active'");
      const { stderr } = await host.run({ phase: "false" });
      assert.ok(stderr.includes(MIND.replace("NAME", "ufw")), stderr);
    });

    it("is no word of a failure where none is active", async () => {
      host.fake("firewall-cmd", "echo 'not running'; exit 252");
      host.fake("ufw", "echo 'Status: inactive'");
      assert.equal(await refused("die seen cause next"), "h1: seen. Likely cause: cause. Next: next.\n");
    });
  });

  describe("of the clock", () => {
    const serverAt = (seconds: number) => {
      const date = new Date(Date.now() + seconds * 1000).toUTCString();
      host.fake("curl", `printf 'HTTP/1.1 200 OK\\r\\nDate: ${date}\\r\\n\\r\\n'`);
    };

    it("takes what k0sctl takes: 30 seconds", async () => {
      serverAt(-25);
      await passes("preflight_clock http://files/x");
      serverAt(25);
      await passes("preflight_clock http://files/x");
    });

    for (const [word, seconds, shown] of [
      ["behind", 3600, /-3[56]\d\ds/],
      ["ahead", -3600, / 3[56]\d\ds/],
    ] as const) {
      it(`refuses a clock that is an hour ${word}`, async () => {
        serverAt(seconds);
        const said = await refused("preflight_clock http://files/x");
        assert.match(said, shown);
        assert.equal(
          said.replace(/-?\d+s/, "Ns"),
          "h1: the clock is Ns off (against http://files/x). Likely cause: no time synchronisation runs. " +
            "Next: install chrony or systemd-timesyncd, check with: timedatectl.\n",
        );
      });
    }

    it("leaves it to the download to say that the server does not answer", async () => {
      host.fake("curl", "exit 7");
      await passes("preflight_clock http://files/x");
    });
  });

  describe("of swap", () => {
    it("takes a host without", async () => {
      host.fake("swapon");
      await passes("preflight_swap");
    });

    it("switches it off", async () => {
      host.fake("swapon", "[ -e /var/off ] || echo /dev/sdz1");
      host.fake("swapoff", "touch /var/off");
      await passes("preflight_swap");
      assert.deepEqual(host.calls("swapoff"), ["-a"]);
    });

    it("refuses swap that stays", async () => {
      host.fake("swapon", "echo /dev/sdz1");
      host.fake("swapoff", "exit 1");
      assert.equal(
        await refused("preflight_swap"),
        "h1: swap is on: /dev/sdz1 . Likely cause: swapoff -a failed (a container, or too little memory). " +
          "Next: switch it off on the host or its hypervisor.\n",
      );
    });
  });

  describe("of ports", () => {
    it("refuses a port that somebody has, and says who", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      try {
        assert.equal(
          (await refused(`preflight_ports 1 ${port}`)).replace(/in use by \S+\./, "in use by WHO."),
          `h1: port ${port} is in use by WHO. Likely cause: another service, or a cluster built by other means. ` +
            `Next: stop it; see: ss -ltnp 'sport = :${port}'.\n`,
        );
      } finally {
        server.close();
      }
      await passes(`preflight_ports 1 ${port}`);
    });
  });

  describe("of the disk", () => {
    it("takes one with room, and makes the folder", async () => {
      await passes("preflight_disk /var/lib/etcd 1\n [ -d /var/lib/etcd ]");
    });

    it("refuses one without", async () => {
      assert.equal(
        (await refused("preflight_disk /var/lib/etcd 99999999999")).replace(/has \d+ MiB/, "has N MiB"),
        "h1: /var/lib/etcd has N MiB free, 99999999999 MiB are needed. Likely cause: the disk is full or too small. " +
          "Next: make room or mount a larger disk there; see: df -h /var/lib/etcd.\n",
      );
    });
  });
});

describe("preflight.sh, of etcd's disk", () => {
  let host: TestHost;
  TestHost.each((made) => (host = made));

  it("takes one whose fsyncs are short enough, and leaves nothing on it", async () => {
    const { status, stderr } = await host.run({
      phase: "preflight_fsync /var/lib 2000\n [ ! -e /var/lib/.latency ]",
    });
    assert.equal(status, 0, stderr);
  });

  it("refuses one whose 99th fsync of 100 is too long", async () => {
    // Two of a hundred take 50 ms.
    host.fake("sync", "n=$(wc -l </var/sync.calls); [ $n -lt 99 ] || sleep 0.05");
    const { status, stderr } = await host.run({ phase: "preflight_fsync /var/lib 40" });
    assert.equal(status, 70);
    assert.match(
      stderr,
      /^h1: an fsync on \/var\/lib takes \d+ ms \(p99\)\. Likely cause: a slow or shared disk\. Next: put \/var\/lib on a local SSD; accepted are 40 ms\.\n$/,
    );
  });
});

describe("packages.sh", () => {
  let host: TestHost;
  TestHost.each((made) => (host = made));
  const phase = "ensure_packages bash=bash no-such-program-1=pkg1 no-such-program-2=pkg2";

  it("installs the packages whose program is missing, and nothing that apt recommends", async () => {
    host.fake("apt-get");
    assert.equal((await host.run({ phase })).status, 0);
    assert.deepEqual(host.calls("apt-get"), [
      "update -qq",
      "install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 pkg1 pkg2",
    ]);
  });

  it("asks apt nothing when all is there", async () => {
    host.fake("apt-get");
    assert.equal((await host.run({ phase: "ensure_packages bash=bash cat=coreutils" })).status, 0);
    assert.deepEqual(host.calls("apt-get"), []);
  });

  it("says which packages can't be installed", async () => {
    host.fake("apt-get", "exit 100");
    const { status, stderr } = await host.run({ phase });
    assert.equal(status, 70);
    assert.equal(
      stderr,
      "h1: the packages pkg1 pkg2 can't be installed. Likely cause: no way to a Debian mirror, or a broken apt. " +
        "Next: on the host: apt-get install pkg1 pkg2.\n",
    );
  });
});
