import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { parseCluster } from "../../../components/spec/parse";
import { ConfigError } from "../../../components/spec/problems";
import { goodConfig, keyed, largeConfig, problemsOf, rawHost, without } from "./configs";
import { hostKeyOf } from "./hostKeys";

describe("parseCluster", () => {
  it("fills in every default", () => {
    const { hosts, versions, ...rest } = parseCluster(goodConfig());
    deepEqual(rest, {
      name: "test",
      profile: "small",
      topology: "external",
      architecture: "amd64",
      artifacts: { kind: "upstream" },
      endpoint: { address: "192.168.10.100", dnsName: "k8s-api.example.com", port: 6443 },
      loadBalancer: { mode: "haproxy", virtualRouterId: 51, advertSeconds: 0.25, nopreempt: false },
      network: {
        cni: "calico",
        podCidr: "10.244.0.0/16",
        serviceCidr: "10.96.0.0/12",
        dnsDomain: "cluster.local",
        nodeCidrMaskSize: 24,
        proxyMode: "iptables",
        encapsulation: "VXLANCrossSubnet",
        typha: 3,
      },
      etcd: {
        heartbeatMs: 100,
        electionMs: 1000,
        snapshotCount: 10000,
        quotaBytes: 8589934592,
        fsyncP99Ms: 10,
      },
      controlPlane: {
        maxRequestsInflight: 400,
        maxMutatingRequestsInflight: 200,
        nodeMonitorGraceSeconds: 50,
        podEvictionSeconds: 60,
        extraSans: [],
      },
      node: { maxPods: 110, joinConcurrency: 10 },
      storage: { localPath: { enabled: true, folder: "/var/lib/local-path" }, defaultClass: "local-path" },
      logs: { enabled: true, store: "loki", retentionDays: 14, volumeGiB: 20, memoryGiB: 1 },
      monitoring: {
        enabled: true,
        metricsServer: true,
        grafana: true,
        receivers: {},
        scrapeIntervalSeconds: 15,
        retentionDays: 15,
        volumeGiB: 40,
        memoryGiB: 2,
        maxNodes: 13,
      },
      samples: {
        webApp: false,
        distributedApp: false,
        nginxHa: false,
        nginxImage: "docker.io/library/nginx:1.28.0",
        mysql: {
          enabled: false,
          engine: "mysql",
          image: "docker.io/library/mysql:8.4.6",
          primary: "mysql-0",
        },
      },
      ignorePreflightErrors: [],
      warnings: [],
    });
    equal(versions.kubernetes, "1.36.4");
    deepEqual(
      Object.entries(hosts).map(([role, list]) => [role, list.length]),
      [
        ["etcd", 3],
        ["masters", 3],
        ["workers", 3],
        ["loadBalancers", 2],
      ],
    );
  });

  it("keeps the hosts of a role in their order in the config", () => {
    const config = goodConfig();
    config.hosts.reverse();
    deepEqual(
      parseCluster(config).hosts.masters.map((host) => host.name),
      ["master-3", "master-2", "master-1"],
    );
  });

  it("takes the profile's topology where none is given, and leaves etcd without hosts when stacked", () => {
    const { topology, hosts } = parseCluster(
      without(["etcd-1", "etcd-2", "etcd-3"], goodConfig({ topology: undefined })),
    );
    equal(topology, "stacked");
    deepEqual(hosts.etcd, []);
  });

  it("gives hosts the common ssh settings, and a host its own", () => {
    const jump = { address: "jump.example.com", hostKey: hostKeyOf("jump") };
    const own = { address: "172.16.0.9", port: 2200, user: "gate", hostKey: hostKeyOf("gate") };
    const config = goodConfig({ ssh: { user: "ops", port: 2222, privateKey: "sshPrivateKey", jump } });
    const hostKey = hostKeyOf("master-1");
    config.hosts[2] = rawHost("master", 1, { ssh: { hostKey, user: "root", port: 22, jump: own } });
    const { hosts, sshPrivateKeySecret } = parseCluster(config);
    equal(sshPrivateKeySecret, "sshPrivateKey");
    deepEqual(hosts.masters[0]?.ssh, {
      address: "192.168.10.101",
      port: 22,
      user: "root",
      hostKey,
      jump: own,
    });
    deepEqual(hosts.masters[1]?.ssh, {
      address: "192.168.10.102",
      port: 2222,
      user: "ops",
      hostKey: hostKeyOf("master-2"),
      jump: { ...jump, port: 22, user: "ops" },
    });
  });

  it("keeps rack and zone, and leaves out what was only for warnings", () => {
    const config = goodConfig();
    config.hosts[2] = { ...config.hosts[2], rack: "r1", zone: "a", cpus: 8, memoryGiB: 16 };
    const { ssh, ...host } = parseCluster(config).hosts.masters[0] ?? {};
    deepEqual(host, { name: "master-1", address: "192.168.10.101", role: "master", rack: "r1", zone: "a" });
    equal(ssh?.user, "root");
  });

  it("lets an operator set the few values that sites differ in", () => {
    const spec = parseCluster(
      goodConfig({
        etcd: { quotaGiB: 4, fsyncP99Ms: 25 },
        controlPlane: { extraSans: ["api.internal.example.com", "10.0.0.9"] },
        network: { cni: "kube-router", proxyMode: "nftables" },
        ignorePreflightErrors: ["SystemVerification"],
      }),
    );
    equal(spec.etcd.quotaBytes, 4 * 2 ** 30);
    equal(spec.etcd.fsyncP99Ms, 25);
    deepEqual(spec.controlPlane.extraSans, ["api.internal.example.com", "10.0.0.9"]);
    equal(spec.network.encapsulation, "IPIPCrossSubnet");
    equal(spec.network.proxyMode, "nftables");
    deepEqual(spec.ignorePreflightErrors, ["SystemVerification"]);
  });

  it("drops the slash at the end of an address", () => {
    const { artifacts } = parseCluster(
      goodConfig({
        artifacts: {
          source: "mirror",
          baseUrl: "https://m.example.com/k8s/",
          registryMirror: "https://r.example.com/",
        },
      }),
    );
    deepEqual(artifacts, {
      kind: "mirror",
      baseUrl: "https://m.example.com/k8s",
      registryMirror: "https://r.example.com",
    });
  });

  it("drops the comment of a host key", () => {
    const { hosts } = parseCluster(keyed(`${hostKeyOf("x")}  root@master-1\n`));
    equal(hosts.masters[0]?.ssh.hostKey, hostKeyOf("x"));
  });

  it("gives out something that can't be changed", () => {
    const spec = parseCluster(goodConfig());
    ok(Object.isFrozen(spec) && Object.isFrozen(spec.hosts.masters[0]?.ssh) && Object.isFrozen(spec.etcd));
  });

  it("does not change the config that it reads", () => {
    const config = goodConfig();
    const before = structuredClone(config);
    parseCluster(config);
    deepEqual(config, before);
  });

  it("reports faults of the shape and across sections in one go", () => {
    const config = goodConfig({ netwrk: {}, kubernetesVersion: "1.28.0" });
    config.hosts = config.hosts.filter((host) => host["name"] !== "lb-2" && host["name"] !== "master-3");
    config.hosts[1] = { ...config.hosts[1], address: "192.168.10.300" };
    config.hosts[3] = { ...config.hosts[3], ssh: {} };
    deepEqual(
      problemsOf(config).filter((line) => !line.startsWith("cure: ")),
      [
        'hosts[1].address: "192.168.10.300" is not an IPv4 address',
        "hosts[3].ssh.hostKey: nothing is given, and it is required",
        "netwrk: a group of keys stands at a key that doesn't exist",
        "hosts: 2 masters where profile small has 3",
        "hosts: 1 load balancer where loadBalancer.mode haproxy has a pair of 2",
        'kubernetesVersion: "1.28.0" is not a supported version (1.37.2 from a bundle, 1.36.0 to 1.36.4, 1.35.0 to 1.35.8)',
      ],
    );
  });

  it("prints every problem with its cure in one message", () => {
    throws(
      () => parseCluster(without(["lb-2"], goodConfig({ kubernetesVersion: "v1.36.4" }))),
      new ConfigError([
        {
          path: "hosts",
          value: "1 load balancer",
          message: "where loadBalancer.mode haproxy has a pair of 2",
          cure: "add 1, or write loadBalancer.mode: external for one that you already have",
        },
        { path: "kubernetesVersion", value: '"v1.36.4"', message: 'begins with "v"', cure: 'write "1.36.4"' },
      ]),
    );
    equal(
      new ConfigError([{ path: "a.b", value: "1", message: "is wrong", cure: "mend it" }]).message,
      "ha-kubernetes:cluster has 1 problem:\n- a.b: 1 is wrong\n  cure: mend it",
    );
  });

  it("refuses even a living cluster that has no master left", () => {
    deepEqual(problemsOf(without(["master-1", "master-2", "master-3"]), { builtWith: {} }), [
      "hosts: 0 masters where profile small has 3",
      "cure: add 3 masters",
    ]);
  });

  it("refuses too many hosts of a living cluster as well", () => {
    const config = goodConfig();
    config.hosts.push(rawHost("loadbalancer", 3), rawHost("master", 4));
    deepEqual(
      problemsOf(config, { builtWith: {} }).filter((line) => !line.startsWith("cure: ")),
      [
        "hosts: 4 masters where profile small has 3",
        "hosts: 3 load balancers where loadBalancer.mode haproxy has a pair of 2",
      ],
    );
  });

  it("counts no roles when one of them can't be read, as the counts would mislead", () => {
    const config = goodConfig();
    config.hosts[2] = { ...config.hosts[2], role: "mastr" };
    equal(problemsOf(config).length, 2);
  });

  it("reads 500 workers within 100 ms of the processor", () => {
    const config = largeConfig(500);
    parseCluster(goodConfig());
    ok(milliseconds(() => parseCluster(config)) < 100);
  });

  it("reports the faults of 500 workers within 500 ms of the processor", () => {
    const config = largeConfig(500);
    for (const host of config.hosts) host["ssh"] = {};
    let lines = 0;
    ok(milliseconds(() => (lines = problemsOf(config).length)) < 500);
    equal(lines, 2 * 510);
  });
});

/** Time of the processor, which a busy machine does not lengthen as it does the clock's. */
function milliseconds(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  return process.cpuUsage(before).user / 1000;
}
