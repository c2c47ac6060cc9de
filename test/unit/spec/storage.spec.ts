import { deepEqual, equal } from "node:assert/strict";
import { parseCluster } from "../../../components/spec/parse";
import { secretNames } from "../../../components/spec/secretNames";
import { databaseClass } from "../../../components/spec/storageClasses";
import { goodConfig, problemsOf, STORAGE_OUTSIDE, warningsOf } from "./configs";

const { ceph, nfs } = STORAGE_OUTSIDE;
const OFF = { enabled: false };
const parsed = (storage: object) => parseCluster(goodConfig({ storage })).storage;
const withCeph = (change: object) => problemsOf(goodConfig({ storage: { ceph: { ...ceph, ...change } } }));
const withNfs = (change: object) => problemsOf(goodConfig({ storage: { nfs: { ...nfs, ...change } } }));

describe("storage from outside in the config", () => {
  it("is off, and has its defaults where it is on", () => {
    deepEqual(Object.keys(parsed({})), ["localPath", "defaultClass"]);
    deepEqual(parsed({ ceph }).ceph, { ...ceph, user: "kubernetes" });
    deepEqual(parsed({ nfs }).nfs, { ...nfs, mountOptions: ["nfsvers=4.1"] });
    const names = (storage: object) => [...secretNames(parseCluster(goodConfig({ storage })))];
    deepEqual(names({ ceph, nfs }), [["cephKey", "storage.ceph"]]);
    deepEqual(names({ nfs }), []);
  });

  it("says of Ceph what is wrong, with its cure", () => {
    deepEqual(withCeph({ clusterId: "ceph" }), [
      'storage.ceph.clusterId: "ceph" is not the fsid of a Ceph cluster (a UUID in lower case)',
      "cure: ceph fsid",
    ]);
    deepEqual(withCeph({ pool: "a/b", user: "client.kubernetes" }), [
      'storage.ceph.pool: "a/b" is not the name of a pool',
      "cure: copy it from ceph osd pool ls",
      'storage.ceph.user: "client.kubernetes" begins with its type, which the driver puts there itself',
      "cure: write kubernetes",
    ]);
    deepEqual(withCeph({ user: "two words" }), [
      'storage.ceph.user: "two words" is not the name of a user',
      "cure: copy it from ceph auth ls, without client.",
    ]);
  });

  it("does not print a key in the place of its name", () => {
    deepEqual(withCeph({ keySecret: "AQBCANARYCANARY==" }), [
      "storage.ceph.keySecret: (a text, not printed) is not the name of a config key; if it is the secret itself, treat it as leaked",
      "cure: pulumi config set --secret cephKey, and write cephKey here",
    ]);
  });

  it("wants monitors by their addresses, each once, at the port that the kernel speaks with", () => {
    deepEqual(withCeph({ monitors: ["192.168.10.51"] }), [
      'storage.ceph.monitors[0]: "192.168.10.51" is not a server with a port',
      "cure: write it as in 192.168.10.51:6789",
    ]);
    deepEqual(withCeph({ monitors: ["a:6789", "b:6789", "a:6789"] }), [
      'storage.ceph.monitors[2]: "a:6789" is also storage.ceph.monitors[0]',
      "cure: delete one of them",
    ]);
    deepEqual(withCeph({ monitors: ["192.168.10.51:3300"] }), [
      'storage.ceph.monitors[0]: "192.168.10.51:3300" is the port of messenger v2, by which the kernel maps no volume',
      "cure: write 192.168.10.51:6789",
    ]);
    equal(withCeph({ monitors: [] }).length, 2);
    equal(withCeph({ monitors: undefined }).length, 2);
  });

  it("says of NFS what is wrong, with its cure", () => {
    deepEqual(withNfs({ server: "192.168.10.300", share: "srv", mountOptions: ["nfsvers=4.1,hard"] }), [
      'storage.nfs.server: "192.168.10.300" is not an IPv4 address',
      "cure: write four numbers from 0 to 255, as in 192.168.10.101",
      'storage.nfs.share: "srv" is not an absolute path of letters, digits, - _ and . without a slash at its end',
      "cure: write it as in /srv/kubernetes",
      'storage.nfs.mountOptions[0]: "nfsvers=4.1,hard" is not one mount option',
      "cure: write each as a line of its own, as in nfsvers=4.1",
    ]);
    for (const share of ["/srv/../etc", "/srv/", "/a b", "/a#b"]) equal(withNfs({ share }).length, 2, share);
    for (const share of ["/", "/srv/kubernetes"]) deepEqual(withNfs({ share }), []);
  });

  it("knows a parameter that is written wrongly, by its neighbour", () => {
    deepEqual(withCeph({ pol: "kubernetes", poolName: "x" }), [
      'storage.ceph.pol: "kubernetes" stands at a key that doesn\'t exist',
      "cure: did you mean pool?",
      'storage.ceph.poolName: "x" stands at a key that doesn\'t exist',
      "cure: delete it, or use one of clusterId, monitors, pool, user, keySecret",
    ]);
    deepEqual(problemsOf(goodConfig({ storage: { cehp: ceph } })).slice(1), ["cure: did you mean ceph?"]);
  });
});

describe("default storage class", () => {
  it("is Ceph's, else the local one, else NFS'", () => {
    equal(parsed({ ceph, nfs }).defaultClass, "ceph-rbd-ssd");
    equal(parsed({ nfs }).defaultClass, "local-path");
    equal(parsed({ nfs, localPath: OFF }).defaultClass, "nfs-client");
  });

  it("is the operator's choice among those that are on", () => {
    equal(parsed({ ceph, nfs, defaultClass: "nfs-client" }).defaultClass, "nfs-client");
    equal(parsed({ ceph, defaultClass: "local-path" }).defaultClass, "local-path");
  });

  it("is refused where it is not on, and not on is what is there", () => {
    deepEqual(problemsOf(goodConfig({ storage: { nfs, defaultClass: "ceph-rbd-ssd" } })), [
      'storage.defaultClass: "ceph-rbd-ssd" is a class that is not on',
      "cure: set storage.ceph, or write local-path or nfs-client",
    ]);
    const none = {
      storage: { localPath: OFF, defaultClass: "local-path" },
      monitoring: OFF,
      logs: OFF,
    };
    deepEqual(problemsOf(goodConfig(none)), [
      'storage.defaultClass: "local-path" is a class that is not on',
      "cure: set storage.localPath.enabled: true",
    ]);
    equal(problemsOf(goodConfig({ storage: { defaultClass: "fast-sd" } })).length, 2);
  });
});

describe("volumes of monitoring", () => {
  it("may be Ceph's or local ones without a word, and NFS' with a warning", () => {
    deepEqual(warningsOf(goodConfig({ storage: { ceph, localPath: OFF } })), []);
    deepEqual(warningsOf(goodConfig({ storage: { nfs } })), []);
    deepEqual(warningsOf(goodConfig({ storage: { nfs, localPath: OFF } })), [
      "monitoring.enabled: true keeps its samples on NFS, on which Prometheus may corrupt them",
      "cure: set storage.localPath.enabled or storage.ceph",
    ]);
  });

  it("are of the fast class where NFS is the default", () => {
    equal(databaseClass(parsed({ ceph, nfs })), undefined);
    equal(databaseClass(parsed({ nfs, defaultClass: "nfs-client" })), "fast-ssd");
    equal(databaseClass(parsed({ ceph, localPath: OFF, nfs, defaultClass: "nfs-client" })), "fast-ssd");
    equal(databaseClass(parsed({ nfs, localPath: OFF })), undefined);
  });
});
