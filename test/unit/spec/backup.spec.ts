import { deepEqual, equal, ok } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { checkCron } from "../../../components/spec/backupNames";
import { parseCluster } from "../../../components/spec/parse";
import { secretNames } from "../../../components/spec/secretNames";
import { goodConfig, problemsOf, warningsOf } from "./configs";

const s3 = { bucket: "backups", accessKeySecret: "backupAccessKey", secretKeySecret: "backupSecretKey" };
const withBackup = (backup: object) => goodConfig({ backup });

describe("backup in the config", () => {
  it("has defaults, and its folder is the cluster's name", () => {
    const { backup, name } = parseCluster(withBackup({ s3: { ...s3, url: "https://s3.example.com/" } }));
    deepEqual(backup, {
      s3: { ...s3, url: "https://s3.example.com", region: "us-east-1", prefix: name },
      schedule: "30 2 * * *",
      retentionDays: 30,
      excludedNamespaces: [],
    });
    equal(parseCluster(goodConfig()).backup, undefined);
  });

  it("names its secrets, each with where it is named", () => {
    const cluster = parseCluster(withBackup({ s3, repositoryPasswordSecret: "old" }));
    deepEqual(
      [...secretNames(cluster)],
      [
        ["backupAccessKey", "backup.s3"],
        ["backupSecretKey", "backup.s3"],
        ["old", "backup"],
      ],
    );
  });

  it("is refused with all that is wrong", () => {
    deepEqual(
      problemsOf(
        withBackup({
          s3: { ...s3, bucket: "s3://Backups", prefix: "/prod/", caCert: "no certificate" },
          schedule: "30 24 * * *",
          excludedNamespaces: ["Scratch"],
        }),
      )
        .filter((line) => !line.startsWith("cure: "))
        .map((line) => line.split(":")[0]),
      [
        "backup.s3.bucket",
        "backup.s3.prefix",
        "backup.s3.caCert",
        "backup.schedule",
        "backup.excludedNamespaces[0]",
      ],
    );
    deepEqual(problemsOf(withBackup({ s3, schedule: "30 24 * * *" })), [
      'backup.schedule: "30 24 * * *" is not a time as cron reads it: the hour is not 0 to 23',
      'cure: write it in quotes, as in "30 2 * * *" for each night at half past two',
    ]);
    deepEqual(problemsOf(withBackup({ s3, schedule: "@daily" })).slice(0, 1), [
      'backup.schedule: "@daily" is not a time as cron reads it: five fields with one space between',
    ]);
  });

  it("takes the certificate of a CA, and refuses a key without printing it", () => {
    const request = [
      "req",
      "-x509",
      "-newkey",
      "ed25519",
      "-nodes",
      "-keyout",
      "/dev/null",
      "-subj",
      "/CN=store-ca",
    ];
    const ca = execFileSync("openssl", request, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    deepEqual(problemsOf(withBackup({ s3: { ...s3, caCert: ca } })), []);
    deepEqual(problemsOf(withBackup({ s3: { ...s3, caCert: ca + ca } })), []);
    const key = "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n";
    const said = problemsOf(withBackup({ s3: { ...s3, caCert: key } })).join("\n");
    ok(/private key where certificates are needed/.test(said));
    ok(!said.includes("CANARY"));
  });

  it("warns of Secrets in clear on the network, and of days without a backup", () => {
    deepEqual(warningsOf(withBackup({ s3: { ...s3, url: "http://10.0.0.1:9000" }, schedule: "0 3 * * 0" })), [
      'backup.s3.url: "http://10.0.0.1:9000" takes the cluster\'s Secrets over the network in clear',
      "cure: give the store a certificate and write https; backup.s3.caCert is its CA",
      'backup.schedule: "0 3 * * 0" leaves out days, and the alert WorkloadBackupTooOld waits 36 hours',
      'cure: write every day, as in "30 2 * * *", or silence that alert',
    ]);
    deepEqual(warningsOf(withBackup({ s3: { ...s3, url: "https://10.0.0.1:9000" } })), []);
  });
});

describe("a time as cron reads it", () => {
  const field = (least: number, most: number) => {
    const number = fc.integer({ min: least, max: most });
    const range = fc.tuple(number, number).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
    const part = fc.oneof(fc.constant("*"), number.map(String), range, fc.constant("*/2"));
    return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(","));
  };
  const time = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6));

  it("is any list of numbers, ranges and steps within each field's bounds", () => {
    fc.assert(fc.property(time, (fields) => checkCron(fields.join(" ")) === undefined));
  });

  it("is nothing else", () => {
    for (const wrong of [
      "60 2 * * *",
      "0 2 0 * *",
      "0 2 * 13 *",
      "0 2 * * 7",
      "5-1 2 * * *",
      "0 2 * *",
      "0  2 * * *",
      "*/0 2 * * *",
      "a 2 * * *",
      "",
    ])
      ok(checkCron(wrong), wrong);
  });
});
