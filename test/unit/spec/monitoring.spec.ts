import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { PROFILES, PROFILE_NAMES } from "../../../components/spec/profiles";
import { retainedBytes } from "../../../components/spec/rules/monitoring";
import { parseCluster } from "../../../components/spec/parse";
import { secretNames } from "../../../components/spec/secretNames";
import { goodConfig, problemsOf, warningsOf, without } from "./configs";

const sizes = fc.record({
  nodes: fc.integer({ min: 6, max: 600 }),
  masters: fc.integer({ min: 3, max: 5 }),
  scrapeIntervalSeconds: fc.constantFrom(15, 30, 60),
  retentionDays: fc.integer({ min: 1, max: 365 }),
});

describe("what Prometheus keeps", () => {
  it("grows with nodes and days and shrinks with the interval", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const bytes = retainedBytes(size);
        ok(retainedBytes({ ...size, nodes: size.nodes + 1 }) > bytes);
        ok(retainedBytes({ ...size, retentionDays: size.retentionDays + 1 }) > bytes);
        ok(retainedBytes({ ...size, scrapeIntervalSeconds: 2 * size.scrapeIntervalSeconds }) < bytes);
      }),
    );
  });

  it("fits every profile's volume at its largest size", () => {
    for (const name of PROFILE_NAMES) {
      const { monitoring, masters, workers } = PROFILES[name];
      const nodes = masters.max + workers.max;
      const bytes = retainedBytes({ nodes, masters: masters.max, ...monitoring });
      ok(bytes < 0.8 * monitoring.volumeGiB * 2 ** 30, `${name}: ${bytes / 2 ** 30} GiB`);
    }
  });

  it("is refused where it is larger than the volume, with what would do", () => {
    deepEqual(problemsOf(goodConfig({ monitoring: { retentionDays: 90 } })), [
      "monitoring.retentionDays: 90 days of 6 nodes take about 101 GiB, and the volume has 40",
      "cure: write monitoring.volumeGiB: 101 or more, or 35 days",
    ]);
    deepEqual(problemsOf(goodConfig({ monitoring: { retentionDays: 90, volumeGiB: 101 } })), []);
    deepEqual(problemsOf(goodConfig({ monitoring: { retentionDays: 35 } })), []);
    deepEqual(problemsOf(goodConfig({ monitoring: { enabled: false, retentionDays: 90 } })), []);
  });
});

describe("services in the config", () => {
  it("monitoring and logs without any kind of volume are refused", () => {
    const storage = { localPath: { enabled: false } };
    deepEqual(problemsOf(goodConfig({ storage })), [
      "monitoring.enabled: true needs volumes, and no kind of volume is on",
      "cure: set storage.localPath.enabled, storage.ceph or storage.nfs, or monitoring.enabled: false",
      "logs.enabled: true needs volumes, and no kind of volume is on",
      "cure: set storage.localPath.enabled, storage.ceph or storage.nfs, or logs.enabled: false",
    ]);
    const off = { monitoring: { enabled: false }, logs: { enabled: false } };
    equal(parseCluster(goodConfig({ storage, ...off })).storage.defaultClass, undefined);
  });

  it("logs that don't fit their volume are refused, with what would do", () => {
    deepEqual(problemsOf(goodConfig({ logs: { retentionDays: 90 } })), [
      "logs.retentionDays: 90 days of 6 nodes take about 53 GiB, and the volume has 20",
      "cure: write logs.volumeGiB: 53 or more, or 33 days, or take a bucket (logs.s3)",
    ]);
    deepEqual(problemsOf(goodConfig({ logs: { retentionDays: 90, volumeGiB: 53 } })), []);
    // It drops its oldest days.
    deepEqual(problemsOf(goodConfig({ logs: { retentionDays: 90, store: "victorialogs" } })), []);
    for (const name of PROFILE_NAMES) {
      const { logs, masters, workers } = PROFILES[name];
      const mib = (masters.max + workers.max) * 100 * logs.retentionDays;
      ok(mib < logs.volumeGiB * 1024, `${name}: ${mib} MiB`);
    }
  });

  it("a user of the mail server without a password is refused, and a password without a user", () => {
    const email = { to: "ops@example.com", from: "k8s@example.com", smarthost: "mail.example.com:587" };
    const withMail = (more: object) =>
      goodConfig({ monitoring: { receivers: { email: { ...email, ...more } } } });
    deepEqual(problemsOf(withMail({ username: "k8s" })), [
      'monitoring.receivers.email.username: "k8s" stands without passwordSecret, so nobody can log in at the mail server',
      "cure: write both, or delete it",
    ]);
    deepEqual(problemsOf(withMail({ passwordSecret: "alertMailPassword" })), [
      'monitoring.receivers.email.passwordSecret: "alertMailPassword" stands without username, so nobody can log in at the mail server',
      "cure: write both, or delete it",
    ]);
    deepEqual(problemsOf(withMail({ username: "k8s", passwordSecret: "alertMailPassword" })), []);
    deepEqual(problemsOf(withMail({})), []);
  });

  it("an object store for logs is refused with a store that has no use for it", () => {
    const s3 = { bucket: "lines", accessKeySecret: "logsKey", secretKeySecret: "logsSecret" };
    deepEqual(problemsOf(goodConfig({ logs: { s3 } })), []);
    deepEqual(problemsOf(goodConfig({ logs: { store: "victorialogs", s3 } })), [
      'logs.s3: "lines" is not used by VictoriaLogs',
      "cure: write logs.store: loki, or delete it",
    ]);
    deepEqual(problemsOf(goodConfig({ logs: { s3: { ...s3, bucket: "My.Bucket" } } })), [
      'logs.s3.bucket: "My.Bucket" is not the name of a bucket (3 to 63 lower case letters, digits and hyphens)',
      "cure: write it as in cluster-backups",
    ]);
  });

  it("a bucket that is reached in clear is warned of", () => {
    const s3 = { bucket: "lines", accessKeySecret: "logsKey", secretKeySecret: "logsSecret" };
    deepEqual(warningsOf(goodConfig({ logs: { s3: { ...s3, url: "http://10.0.0.1:9000" } } })), [
      'logs.s3.url: "http://10.0.0.1:9000" takes what is logged over the network in clear',
      "cure: give the store a certificate and write https",
    ]);
    deepEqual(warningsOf(goodConfig({ logs: { s3: { ...s3, url: "https://10.0.0.1:9000" } } })), []);
  });

  it("the secrets that services need are listed with what names them", () => {
    const s3 = { bucket: "lines", accessKeySecret: "logsKey", secretKeySecret: "logsSecret" };
    const receivers = { webhook: { urlSecret: "hook" } };
    const named = (config: Record<string, unknown>) => [...secretNames(parseCluster(goodConfig(config)))];
    deepEqual(named({ logs: { s3 }, monitoring: { receivers } }), [
      ["hook", "monitoring.receivers"],
      ["logsKey", "logs.s3"],
      ["logsSecret", "logs.s3"],
    ]);
    deepEqual(named({ logs: { s3, enabled: false }, monitoring: { receivers, enabled: false } }), []);
  });

  it("a receiver's secret in the place of its name is refused, and not printed", () => {
    const url = "https://hooks.example.com/CANARY";
    const lines = problemsOf(
      goodConfig({
        monitoring: {
          receivers: { webhook: { urlSecret: url }, slack: { urlSecret: "alertSlack", channel: "alerts" } },
        },
      }),
    );
    deepEqual(lines, [
      "monitoring.receivers.webhook.urlSecret: (a text, not printed) is not the name of a config key; if it is the secret itself, treat it as leaked",
      "cure: pulumi config set --secret alertWebhook, and write alertWebhook here",
      'monitoring.receivers.slack.channel: "alerts" is not a channel',
      'cure: write it in quotes, as in "#alerts"',
    ]);
  });

  it("samples that the cluster can't carry are refused", () => {
    const all = { webApp: true, distributedApp: true, nginxHa: true };
    deepEqual(problemsOf(goodConfig({ samples: all })), []);
    deepEqual(problemsOf(goodConfig({ samples: all, monitoring: { metricsServer: false } })), [
      "samples.nginxHa: true scales by usage, which nobody measures",
      "cure: set monitoring.metricsServer: true, or samples.nginxHa: false",
    ]);
    const two = without(["worker-3"], goodConfig({ samples: all }));
    deepEqual(problemsOf(two, { builtWith: {} }), [
      "samples.webApp: true needs 3 workers, as no two of its replicas share one, and there are 2 workers",
      "cure: add workers, or set samples.webApp: false",
    ]);
    deepEqual(problemsOf(goodConfig({ samples: { nginxImage: "nginx:latest" } })), [
      'samples.nginxImage: "nginx:latest" is not an image with its registry and an exact tag',
      "cure: write it as in docker.io/library/nginx:1.28.0",
    ]);
  });

  it("a database that the cluster can't carry is refused", () => {
    const mysql = { enabled: true };
    deepEqual(problemsOf(goodConfig({ samples: { mysql } })), []);
    const two = without(["worker-3"], goodConfig({ samples: { mysql } }));
    deepEqual(problemsOf(two, { builtWith: {} }), [
      "samples.mysql.enabled: true needs 3 workers, as no two of its replicas share one, and there are 2 workers",
      "cure: add workers, or set samples.mysql.enabled: false",
    ]);
    const bare = {
      storage: { localPath: { enabled: false } },
      monitoring: { enabled: false },
      logs: { enabled: false },
    };
    deepEqual(problemsOf(goodConfig({ samples: { mysql }, ...bare })), [
      "samples.mysql.enabled: true needs volumes of class fast-ssd, which nothing makes",
      "cure: set storage.localPath.enabled or storage.ceph, or samples.mysql.enabled: false",
    ]);
    const wrong = { engine: "postgres", image: "mysql", primary: "mysql-3" };
    deepEqual(problemsOf(goodConfig({ samples: { mysql: wrong } })), [
      'samples.mysql.engine: "postgres" is none of mysql, mariadb',
      "cure: write one of these",
      'samples.mysql.image: "mysql" is not an image with its registry and an exact tag',
      "cure: write it as in docker.io/library/nginx:1.28.0",
      'samples.mysql.primary: "mysql-3" is none of mysql-0, mysql-1, mysql-2',
      "cure: did you mean mysql-0?",
    ]);
  });

  it("has an image for each dialect", () => {
    const imageOf = (mysql: object) => parseCluster(goodConfig({ samples: { mysql } })).samples.mysql.image;
    equal(imageOf({}), "docker.io/library/mysql:8.4.6");
    equal(imageOf({ engine: "mariadb" }), "docker.io/library/mariadb:10.11.14");
    equal(
      imageOf({ engine: "mariadb", image: "r.example.com/mariadb:11.4.3" }),
      "r.example.com/mariadb:11.4.3",
    );
  });

  it("a folder of the host's system is refused", () => {
    const at = (folder: string) => problemsOf(goodConfig({ storage: { localPath: { folder } } }));
    deepEqual(at("/var/lib/kubelet"), [
      'storage.localPath.folder: "/var/lib/kubelet" is a folder of the host\'s system',
      "cure: choose one that holds nothing else, as in /var/lib/local-path",
    ]);
    deepEqual(at("data"), [
      'storage.localPath.folder: "data" is not an absolute path of letters, digits, - _ and . without a slash at its end',
      "cure: write it as in /var/lib/local-path",
    ]);
  });
});
