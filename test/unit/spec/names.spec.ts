import { equal, notEqual } from "node:assert/strict";
import {
  checkBaseUrl,
  checkDnsName,
  checkChannel,
  checkFolder,
  checkHostAndPort,
  checkImage,
  checkMailAddress,
  checkSecretName,
  checkLabel,
  checkLabelValue,
  checkKeyName,
  checkSha256,
  checkUser,
} from "../../../components/spec/names";
import type { Finding } from "../../../components/spec/problems";

const LONGEST_LABEL = `a${"-".repeat(61)}9`;
const LONGEST_NAME = [63, 63, 63, 61].map((length) => "a".repeat(length)).join(".");

/** A check, values that it takes, and values that it refuses. */
const CHECKS: [title: string, check: (text: string) => Finding | undefined, good: string[], bad: string[]][] =
  [
    [
      "a label",
      checkLabel,
      ["a", "9", "n", "a-9", LONGEST_LABEL],
      ["", "-a", "a-", "a.b", "a_b", "A", `${LONGEST_LABEL}9`],
    ],
    [
      "a DNS name",
      checkDnsName,
      ["localhost", "a9.example.com", LONGEST_NAME, `${LONGEST_LABEL}.example`],
      [
        "",
        "a..b",
        "a.example.com.",
        "*.example.com",
        "10.0.0.1",
        `${LONGEST_NAME}a`,
        `${LONGEST_LABEL}9.example`,
      ],
    ],
    [
      "the name of a secret",
      (value) => checkSecretName(value, "alertWebhook"),
      ["alertWebhook", "a-b", "other:key"],
      ["", "https://hooks.example.com/T0/B0", "two words", "line\nline"],
    ],
    [
      "a mail address",
      checkMailAddress,
      ["a@example.com", "a.b+c@mail.example.com"],
      ["", "a", "a@b", "a b@example.com", "a@example.com."],
    ],
    [
      "a server with its port",
      checkHostAndPort,
      ["mail.example.com:587", "10.0.0.1:25"],
      ["", "mail.example.com", ":25", "mail.example.com:0", "mail.example.com:70000", "http://mail:25"],
    ],
    [
      "an image",
      checkImage,
      [
        "docker.io/library/nginx:1.28.0",
        "registry.example.com:5000/a/b:v1",
        `r.io/a:1@sha256:${"a".repeat(64)}`,
      ],
      [
        "",
        "nginx",
        "nginx:1.28.0",
        "library/nginx:1.28.0",
        "docker.io/library/nginx",
        "docker.io/library/nginx:latest",
      ],
    ],
    ["a channel", checkChannel, ["#alerts", "@someone"], ["", "alerts", "#two words"]],
    [
      "a folder on the hosts",
      checkFolder,
      ["/data", "/srv/volumes", "/mnt/disk-1", "/var/lib/local-path", "/data/a.b"],
      [
        "",
        "data",
        "/",
        "/mnt",
        "/data/",
        "/data//a",
        "/data/../etc",
        "/etc/x",
        "/var/lib",
        "/var/lib/etcd",
        "/a/b c",
        "/a/$(b)",
      ],
    ],
    [
      "a value of a node label",
      checkLabelValue,
      ["9", "R_1.a-B9", "a29b", "a".repeat(63)],
      ["", "-a", "a_", "a b", "a/b", "a".repeat(64)],
    ],
    [
      "a base address",
      checkBaseUrl,
      ["http://192.168.10.5:8080", "https://m.example.com/k8s"],
      ["m.example.com", "ftp://m", "https://m?x=1", "https://m#x", "https://user@m", "https://:secret@m"],
    ],
    [
      "the name of a secret",
      checkKeyName,
      ["key", "ssh-key_2", "other:key"],
      ["", "2key", "a b", "/root/key", "a:b:c", "line\nline", "PRIVATE KEY"],
    ],
    [
      "a sha256",
      checkSha256,
      ["0123456789abcdef".repeat(4)],
      ["0".repeat(63), "0".repeat(65), "A".repeat(64), "g".repeat(64)],
    ],
    [
      "a user",
      checkUser,
      ["u", "_apt", "ops-9", "a".repeat(32)],
      ["", "9a", "-a", "Ops", "a b", "a".repeat(33)],
    ],
  ];

for (const [title, check, good, bad] of CHECKS) {
  describe(`the check of ${title}`, () => {
    for (const text of good) it(`takes ${JSON.stringify(text)}`, () => equal(check(text), undefined));
    for (const text of bad) it(`refuses ${JSON.stringify(text)}`, () => notEqual(check(text), undefined));
  });
}

describe("the cure for a name", () => {
  it("is the nearest one that is allowed", () => {
    equal(checkLabel("_Master 10.A_")?.cure, "write master-10-a");
    equal(checkLabel("Rack 23 Host 45")?.cure, "write rack-23-host-45");
    equal(checkLabel("ß")?.cure, "choose a name such as worker-1");
  });

  it("tells that a key in clear is leaked", () => {
    equal(checkKeyName("line\nline")?.message, "is a key where the name of a secret is needed");
    equal(checkKeyName("PRIVATE KEY")?.message, "is a key where the name of a secret is needed");
  });
});
