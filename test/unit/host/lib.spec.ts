import assert from "node:assert/strict";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { render, TestHost, type Said } from "./testHost";

const STATE = "/var/lib/ha-kubernetes";

describe("lib.sh", () => {
  let host: TestHost;
  TestHost.each((made) => (host = made));
  const run = (phase: string, args?: string[], stdin?: string) => host.run({ phase }, args, stdin);
  /** Runs a phase that must succeed; what it writes to the log. */
  const log = async (phase: string, args?: string[], stdin?: string) => {
    const { status, stderr } = await run(phase, args, stdin);
    assert.equal(status, 0, stderr);
    return host.read("/var/log/ha-kubernetes/test.log").replace(/^== .*\n/, "");
  };
  const mode = (path: string) => (statSync(host.at(path)).mode & 0o777).toString(8);

  describe("main", () => {
    it("keeps the log for root and says nothing but the times of the steps", async () => {
      const { status, stdout, stderr } = await run('step "one thing" true\n step two sleep 0.2');
      assert.deepEqual([status, stderr], [0, ""]);
      assert.match(stdout, /^one_thing=\d+\.\d two=(0\.[2-9]|[1-9]\d*\.\d)\n$/);
      assert.equal(mode("/var/log/ha-kubernetes"), "700");
    });

    it("takes parameters as they are, with blanks and equal signs", async () => {
      assert.equal(await log('echo "<${param[a]}> <${param[b]}>"', ["a=x y=z", "b="]), "<x y=z> <>\n");
    });

    it("lets the second of two runs wait for the first", async () => {
      const phase = 'echo "$BASHPID in" >>/var/order; sleep 0.5; echo "$BASHPID out" >>/var/order';
      await Promise.all([run(phase), run(phase)]);
      const order = host.read("/var/order").trimEnd().split("\n");
      assert.equal(order.length, 4);
      assert.equal(order[0]?.replace("in", "out"), order[1]);
      assert.equal(order[2]?.replace("in", "out"), order[3]);
    });

    it("leaves no lock behind that a killed run held", async () => {
      await run("kill -9 $$");
      assert.equal((await run("true")).status, 0);
    });

    it("refuses a user who may not become root, and says how", async () => {
      host.fake("sudo", "exit 1");
      const { status, stderr } = await host.inside([
        "setpriv",
        "--reuid=65534",
        "--clear-groups",
        "bash",
        "-c",
        `source <(sed '$d' "$0"); declare -A param=([host]=h1); become_root test`,
        scriptFile(host),
      ]);
      assert.equal(status, 77);
      assert.equal(
        stderr,
        "h1: the ssh user nobody is not root and may not use sudo without a password. " +
          "Next: add 'nobody ALL=(ALL) NOPASSWD: ALL' to sudoers, or set ssh.user to root.\n",
      );
    });
  });

  describe("die", () => {
    const explained = "h1: no disk. Likely cause: it is gone. Next: look.\n";
    const die = 'die "no disk" "it is gone" "look"';
    const cases: Record<string, string> = {
      "from a phase": die,
      "from within $(...)": `x=$(${die})\n echo "went on: $x"`,
      "from within a step": `part() { x=$(${die}); }\n step part part`,
      "at the end of a pipe": `true | ${die}`,
      "after a step that failed": `step part false || ${die}`,
    };
    for (const [title, phase] of Object.entries(cases)) {
      it(`ends with one sentence and exit code 70 ${title}`, async () => {
        const { status, stdout, stderr } = await run(phase);
        assert.deepEqual([status, stderr, stdout], [70, explained, ""]);
      });
    }
  });

  describe("a step that fails", () => {
    const fails = (said: Said, command: string, title: string, code: number) => {
      assert.equal(said.status, code);
      const head = `h1: '${command}' failed at '${title}' (exit code ${code}). Next: read /var/log/ha-kubernetes/test.log on the host. Its end:\n`;
      assert.ok(said.stderr.startsWith(head), said.stderr);
      return said.stderr.slice(head.length);
    };

    it("names the command, the step and the end of the log", async () => {
      const said = await run('part() { echo before; ls /nowhere; }\n step "look there" part');
      assert.match(
        fails(said, "ls /nowhere", "look there", 2),
        /-- look there\nbefore\nls: cannot access '\/nowhere'/,
      );
    });

    it("has the exit code of the part of a pipe that failed", async () => {
      fails(await run("part() { (exit 3) | cat; }\n step count part"), "cat", "count", 3);
    });

    it("shows six lines, each cut where it is too long", async () => {
      const said = await run(
        `part() { for i in {1..20}; do printf "%0400d\\n" $i; done; false; }\n step part part`,
      );
      const lines = fails(said, "false", "part", 1).trimEnd().split("\n");
      assert.deepEqual([lines.length, Math.max(...lines.map((line) => line.length))], [6, 300]);
    });
  });

  describe("put_file", () => {
    it("makes the folder and the file with its mode, and leaves nothing beside it", async () => {
      await log("echo hello | put_file /var/a/b/c 0640");
      assert.deepEqual([host.read("/var/a/b/c"), mode("/var/a/b/c")], ["hello\n", "640"]);
      assert.deepEqual(readdirSync(host.at("/var/a/b")), ["c"]);
    });

    it("keeps a file that is the same already, and leaves nothing beside it", async () => {
      host.write("/var/a/same", "hello\n", 0o644);
      const before = statSync(host.at("/var/a/same"));
      await log("echo hello | put_file /var/a/same 0644");
      const after = statSync(host.at("/var/a/same"));
      assert.deepEqual([after.ino, after.mtimeMs], [before.ino, before.mtimeMs]);
      assert.deepEqual(readdirSync(host.at("/var/a")), ["same"]);
    });

    it("sets another mode of the same text", async () => {
      host.write("/var/same", "hello\n", 0o644);
      await log("echo hello | put_file /var/same 0600");
      assert.deepEqual([mode("/var/same"), host.read("/var/same")], ["600", "hello\n"]);
    });

    it("shows readers the old text until the new one is whole", async () => {
      host.write("/var/file", "old\n");
      await log("{ printf half; cp /var/file /var/seen; echo whole; } | put_file /var/file 0644");
      assert.deepEqual([host.read("/var/seen"), host.read("/var/file")], ["old\n", "halfwhole\n"]);
    });
  });

  describe("receive_secrets", () => {
    const pem = "-----BEGIN X-----\nabc=\n\n-----END X-----\n";

    it("writes each file as it was sent, for root only", async () => {
      await log("receive_secrets", [], `=== /run/k/ca.key\n${pem}=== /var/k/word\npass word\n`);
      assert.deepEqual([host.read("/run/k/ca.key"), host.read("/var/k/word")], [pem, "pass word\n"]);
      assert.deepEqual([mode("/run/k/ca.key"), mode("/var/k/word")], ["600", "600"]);
    });

    it("writes them again where a part has to start over", async () => {
      await log("receive_secrets\n rm -r /run/k\n write_secrets", [], `=== /run/k/ca.key\n${pem}`);
      assert.equal(host.read("/run/k/ca.key"), pem);
    });

    it("writes nothing of them to the log", async () => {
      assert.equal(await log("receive_secrets", [], `=== /run/k/ca.key\n${pem}`), "");
    });
  });

  describe("retry", () => {
    it("tries until it succeeds", async () => {
      assert.equal(
        await log('n=0\n try() { echo "try $((++n))"; [ $n -ge 3 ]; }\n retry 5 0.05 try'),
        "try 1\ntry 2\ntry 3\n",
      );
    });

    it("gives up when the time is over", async () => {
      assert.match(await log("retry 1 0.2 false || echo over"), /^over\n$/);
    });
  });

  describe("filled", () => {
    it("puts in any value as it is", async () => {
      const value = String.raw`a&b \1 \\ $HOME @x@ 'q' "q" /`;
      const { status, stderr } = await host.run(
        { phase: "filled file | put_file /var/out 0644", files: { file: "v: @value@!\nh: @host@ @other@" } },
        [`value=${value}`],
      );
      assert.equal(status, 0, stderr);
      assert.equal(host.read("/var/out"), `v: ${value}!\nh: h1 @other@\n`);
    });
  });

  describe("start_unit", () => {
    const start = "echo 1 | put_file /var/conf 0644\n start_unit some.service /var/conf";
    const restarts = () => host.calls("systemctl").filter((call) => call === "restart some.service").length;

    it("restarts a unit that was last started with other files, or does not run; no other", async () => {
      host.fake("systemctl");
      await log(start);
      await log(start);
      assert.equal(restarts(), 1);
      await log(start.replace("echo 1", "echo 2"));
      assert.equal(restarts(), 2);
      host.fake("systemctl", "[ $1 != is-active ]");
      await log(start.replace("echo 1", "echo 2"));
      assert.equal(restarts(), 3);
    });

    it("restarts it again after a restart that failed, and says the unit's own words", async () => {
      host.fake("systemctl", "[ $1 != restart ]");
      host.fake("journalctl", "echo starting; echo 'Error: port taken'; echo bye");
      const { status, stderr } = await run(start);
      assert.equal(status, 70);
      assert.equal(
        stderr,
        "h1: the service some.service does not start: Error: port taken. Likely cause: see its own words before. " +
          "Next: on the host: journalctl -u some.service -n 50.\n",
      );
      host.fake("systemctl");
      await log(start);
      assert.equal(restarts(), 2);
    });

    it("gives its own words also where the journal has none", async () => {
      host.fake("systemctl", "[ $1 != restart ]");
      host.fake("journalctl", "echo starting");
      assert.equal((await run(start)).status, 70);
    });
  });

  describe("claim", () => {
    it("tells this cluster from an earlier one", async () => {
      const phase = "if first_time; then echo first; claim; else echo known; fi";
      assert.equal(await log(phase, ["cluster=one"]), "first\n");
      const again = await log(phase, ["cluster=one"]);
      assert.match(again, /known\n$/);
      assert.match(await log(phase, ["cluster=two"]), /first\n$/);
      assert.equal(host.read(`${STATE}/cluster`), "two\n");
    });
  });
});

function scriptFile(host: TestHost): string {
  mkdirSync(host.at("/var/script"));
  host.write("/var/script/s.sh", render({ phase: "true" }), 0o755);
  return "/var/script/s.sh";
}
