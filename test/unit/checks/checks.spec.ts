import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECK_SCRIPTS } from "../../../components/checks/scripts";
import { CHECK_IMAGE } from "../../../components/spec/artifacts";
import { healthy, lease, node, pod, runChecks, type World } from "./world";

describe("checks.sh", function () {
  // Each run is a dozen processes, on a machine that may be busy.
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "checks-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (change: Partial<World>, ...args: string[]) => runChecks(folder, change, args);

  /** What one check saw, as "VERDICT seen". */
  function seen(check: string, change: Partial<World>, ...args: string[]): string | undefined {
    const found = run(change, ...args).findings.find((finding) => finding.check === check);
    return found && `${found.verdict} ${found.seen}`;
  }
  const fast = (check: string, change: Partial<World>, ...args: string[]) =>
    seen(check, change, "--fast", ...args);

  it("finds nothing to say against a healthy cluster, and takes its pods away", () => {
    const etcd = "etcd=10.0.0.1,10.0.0.2,10.0.0.3";
    const { findings, status } = run({}, "nodes=m1,m2,w1", "version=1.36.4", etcd);
    assert.deepEqual(
      findings.filter(({ verdict }) => verdict !== "ok").map(({ check, seen: text }) => `${check}: ${text}`),
      ["certificates: none can be seen from here"],
    );
    assert.deepEqual(
      findings.map(({ check }) => check),
      [
        ..."api nodes versions system-pods leases bootstrap-tokens etcd etcd-leader certificates".split(" "),
        ..."kubelets pod-network service dns network-policy".split(" "),
      ],
    );
    assert.equal(status, 0);
    assert.match(
      readFileSync(join(folder, "deleted"), "utf8"),
      /delete namespace ha-kubernetes-checks-\d+ --wait=false/,
    );
  });

  it("makes no pods when asked to be fast", () => {
    const { findings } = run({}, "--fast");
    assert.equal(
      findings.find(({ check }) => check === "pod-network"),
      undefined,
    );
    assert.equal(readFileSync(join(folder, "deleted"), "utf8"), "");
  });

  it("waits in a watch for nodes and pods, for half and for all of its time", () => {
    run({}, "deadline=60");
    const waited = readFileSync(join(folder, "waited"), "utf8").replace(/.*wait /gm, "");
    assert.match(
      waited,
      /^--timeout=(30|29|28)s --for=condition=Ready node --all\n--timeout=(60|5\d)s -n \S+ --for=condition=Available deployment\/service\n--timeout=(60|5\d)s -n \S+ --for=condition=Ready pod --all\n$/,
    );
  });

  it("ends with exit code 1 when a check fails, and 0 with a warning", () => {
    assert.equal(run({ tokens: ["bootstrap-token-abcdef|"] }, "--fast").status, 1);
    assert.equal(run({}, "--fast", "nodes=m1,m2").status, 0);
  });

  describe("metrics", () => {
    it("are looked at only where they are to be known", () => {
      assert.equal(fast("metrics", {}), undefined);
      assert.equal(fast("metrics", {}, "metrics=yes"), "ok usage of every node is known");
    });
    it("miss a node, and an API that doesn't answer", () => {
      const usage = '{"items":[{"metadata":{"name":"m1"}},{"metadata":{"name":"m2"}}]}';
      assert.equal(fast("metrics", { usage }, "metrics=yes"), "fail no usage of w1");
      assert.equal(
        fast("metrics", { usage: "" }, "metrics=yes"),
        "fail the metrics API doesn't answer: Error from server (ServiceUnavailable)",
      );
    });
  });

  describe("volume", () => {
    const withPod = (state: string) => ({ pods: [...healthy().pods, `pod/volume|w1|10.244.2.7|${state}`] });

    it("is looked at only where there is a class", () => {
      assert.equal(seen("volume", {}), undefined);
      assert.equal(
        seen("volume", withPod("Running"), "class=local-path"),
        "ok a claim of class local-path was bound and mounted",
      );
      assert.match(
        readFileSync(join(folder, "applied"), "utf8"),
        /storageClassName: "local-path".*"persistentVolumeClaim".*"volumeMounts": \[\{"name": "volume"/s,
      );
    });
    it("goes with its claim, also where its class would keep it", () => {
      const patched = () => readFileSync(join(folder, "patched"), "utf8");
      seen("volume", withPod("Running"), "class=local-path");
      assert.equal(patched(), "");
      seen("volume", withPod("Pending"), "class=ceph-rbd-ssd", "retains=yes");
      assert.match(
        patched(),
        /patch persistentvolume pvc-1 -p {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}\n$/,
      );
    });
    it("is missed where its pod doesn't run, and the network is judged all the same", () => {
      assert.equal(
        seen("volume", withPod("Pending"), "class=ceph"),
        "fail a pod with a claim of class ceph does not run: Pending",
      );
      assert.match(seen("pod-network", withPod("Pending"), "class=ceph") ?? "", /^ok /);
    });
  });

  describe("nodes", () => {
    const withNode = (line: string) => ({ facts: [...healthy().facts, line] });

    it("misses one that the config declares", () => {
      assert.equal(fast("nodes", {}, "nodes=m1,m2,w1,w2"), "fail not in the cluster: w2");
    });
    it("reads the condition: Unknown and False are not Ready", () => {
      assert.equal(fast("nodes", withNode(node("w2", "Unknown"))), "fail not Ready: w2");
      assert.equal(fast("nodes", withNode(node("w2", "False"))), "fail not Ready: w2");
    });
    it("warns of one that is not in the config, and of a cordoned one", () => {
      assert.equal(fast("nodes", {}, "nodes=m1,m2"), "warn 3 Ready, but not in the config: w1");
      assert.equal(
        fast("nodes", withNode(node("w2", "True", "v1.36.4", "cordoned"))),
        "warn 4 Ready, but cordoned: w2",
      );
    });
    it("names six at most", () => {
      assert.equal(
        fast("nodes", {}, `nodes=${Array.from({ length: 9 }, (_, i) => `x${i}`).join(",")}`),
        "fail not in the cluster: x0, x1, x2, x3, x4, x5 and 3 more",
      );
    });
    it("compares the kubelets with the declared version, or with each other", () => {
      const older = withNode(node("w2", "True", "v1.35.8"));
      assert.equal(
        fast("versions", older, "version=1.36.4"),
        "fail kubelets that are not v1.36.4: w2 v1.35.8",
      );
      assert.equal(fast("versions", older), "fail kubelets that are not v1.36.4: w2 v1.35.8");
    });
  });

  describe("system pods", () => {
    const withLine = (line: string) => fast("system-pods", { facts: [...healthy().facts, line] });

    it("counts one that runs and is not ready", () => {
      assert.equal(withLine(pod("coredns-x", "False")), "fail coredns-x is Running but not ready");
    });
    it("says which image can't be had", () => {
      const waits = "ImagePullBackOff docker.io/prom/node-exporter:0.0.0 ";
      assert.equal(
        withLine(pod("node-exporter-x", "False", "Pending", waits)),
        "fail node-exporter-x is Pending, ImagePullBackOff docker.io/prom/node-exporter:0.0.0",
      );
    });
    it("doesn't wait for it as long as for what may settle", () => {
      const facts = [...healthy().facts, pod("x", "False", "Pending", "ImagePullBackOff a/b:0 ")];
      const from = Date.now();
      assert.equal(
        seen("system-pods", { facts }, "deadline=60", "pull=0"),
        "fail x is Pending, ImagePullBackOff a/b:0",
      );
      assert.ok(Date.now() - from < 20_000);
    });
    it("takes a Job that ended well", () => {
      assert.equal(withLine(pod("job-x", "False", "Succeeded")), "ok 7 pods run and are ready");
    });
    it("notices a set that lacks pods", () => {
      assert.equal(
        withLine("set|kube-system|deployment/coredns|2|1|2|"),
        "fail deployment/coredns has 1 of 2",
      );
    });
    it("notices a set whose pods are not of its newest form", () => {
      assert.equal(
        withLine("set|kube-system|deployment/coredns|2|2|1|"),
        "fail deployment/coredns has 1 of 2",
      );
      assert.equal(
        withLine("set|kube-system|deployment/coredns|2|2|2|changed"),
        "fail deployment/coredns has 0 of 2",
      );
    });
    it("notices a master without its API server", () => {
      const facts = healthy().facts.filter((line) => !line.includes("kube-apiserver-m2"));
      assert.equal(fast("system-pods", { facts }), "fail kube-apiserver-m2 is missing");
    });
  });

  it("fails leases that nobody renews, and those that are not there", () => {
    const facts = healthy().facts.filter((line) => !line.startsWith("lease"));
    assert.equal(fast("leases", { facts }), "fail no lease of kube-controller-manager, kube-scheduler");
    const old = lease("kube-scheduler", new Date(Date.now() - 60_000).toISOString());
    const found = fast("leases", { facts: [...facts, lease("kube-controller-manager"), old] });
    assert.match(found ?? "", /^fail kube-scheduler: held by m1_1234, renewed 6\d s ago$/);
  });

  it("fails a bootstrap token that is valid, not one that has ended", () => {
    const end = (ms: number) => [`bootstrap-token-abcdef|${new Date(Date.now() + ms).toISOString()}`];
    assert.equal(fast("bootstrap-tokens", { tokens: end(600_000) }), "fail valid: abcdef");
    assert.equal(fast("bootstrap-tokens", { tokens: end(-600_000) }), "ok none is valid");
    assert.equal(fast("bootstrap-tokens", { tokens: ["bootstrap-token-abcdef|"] }), "fail valid: abcdef");
  });

  describe("etcd", () => {
    const members = "etcd=10.0.0.1,10.0.0.2,10.0.0.3";

    it("names a member that does not answer, with what it said", () => {
      const etcd = { ...healthy().etcd, "10.0.0.2": "curl: (7) Failed to connect\n" };
      assert.equal(fast("etcd", { etcd }, members), "fail 10.0.0.2: curl: (7) Failed to connect");
    });
    it("fails a member that answers with an alarm", () => {
      const etcd = { ...healthy().etcd, "10.0.0.3": '{"health":"false","reason":"ALARM NOSPACE"}# HELP\n' };
      assert.equal(
        fast("etcd", { etcd }, members),
        'fail 10.0.0.3: {"health":"false","reason":"ALARM NOSPACE"}',
      );
    });
    it("wants exactly one leader", () => {
      const etcd = { ...healthy().etcd, "10.0.0.2": healthy().etcd["10.0.0.1"] ?? "" };
      assert.equal(fast("etcd-leader", { etcd }, members), "fail 2 leaders: 10.0.0.1, 10.0.0.2");
    });
    it("notices a member that etcd still counts and the config does not", () => {
      assert.equal(
        fast("etcd-members", {}, "etcd=10.0.0.1,10.0.0.2"),
        "fail etcd lists 3 members, the config 2",
      );
    });
    it("says so where it can't look", () => {
      assert.equal(fast("etcd", {}), "warn not looked at: no members were named");
    });
  });

  describe("network", () => {
    it("names the pair that does not reach each other", () => {
      assert.equal(seen("pod-network", { refused: ["m2 10.244.2.2"] }), "fail m2 can't reach w1");
    });
    it("tells a Service that does not answer on one node from a broken network", () => {
      const { findings } = run({ refused: ["w1 10.96.7.7"] });
      const bad = findings.filter(({ verdict }) => verdict === "fail");
      assert.deepEqual(
        bad.map((finding) => `${finding.check} ${finding.seen}`),
        ["service w1 can't reach 10.96.7.7"],
      );
    });
    it("names the node on which DNS does not answer", () => {
      assert.equal(
        seen("dns", { refused: ["w1 kubernetes.default"] }),
        "fail w1 can't reach kubernetes.default",
      );
    });
    it("fails a policy that lets a denied connection through", () => {
      assert.equal(
        seen("network-policy", { exec: "" }),
        "fail a connection that a policy denies goes through",
      );
    });
    it("fails a policy that stops an allowed connection", () => {
      assert.equal(seen("network-policy", { refused: ["m2 10.244.2.9"] }), "fail m2 can't reach guarded");
    });
    it("fails when the API server does not reach a kubelet, with its words", () => {
      const logs = [...healthy().logs.slice(0, 2), "error: remote error: tls: internal error"];
      assert.equal(
        seen("kubelets", { logs }),
        "fail no kubectl logs from w1: error: remote error: tls: internal error",
      );
      const exec = "error: unable to upgrade connection: Forbidden";
      assert.equal(seen("kubelets", { exec }), `fail kubectl exec on m1: ${exec}`);
    });
    it("says why a check pod does not run", () => {
      const pods = [...healthy().pods.slice(0, -1), "pod/peer-w1|w1||ImagePullBackOff no such image"];
      assert.equal(
        seen("pod-network", { pods }),
        "fail pods don't run: peer-w1 on w1: ImagePullBackOff no such image",
      );
    });
  });

  it("runs the image that the hosts have", () => {
    const shell = CHECK_SCRIPTS.map((path) => readFileSync(path, "utf8")).join("\n");
    assert.equal(/^readonly CHECK_IMAGE=(.*)$/m.exec(shell)?.[1], CHECK_IMAGE);
  });
});
