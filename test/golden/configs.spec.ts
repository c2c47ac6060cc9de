import { APPROVER_UNIT, BOOTSTRAP_OBJECTS } from "../../components/controlplane/bootstrap";
import {
  ADMISSION,
  AUDIT_POLICY,
  AUTHENTICATION,
  encryptionConfig,
} from "../../components/controlplane/apiFiles";
import {
  initConfig,
  masterJoinConfig,
  workerJoinConfig,
  workerTokenConfig,
} from "../../components/controlplane/kubeadm";
import { ETCDCTL_ENV, ETCD_UNIT, etcdConfig } from "../../components/etcd/config";
import { mysqlConfig } from "../../components/samples/mysqlConfig";
import { nodeFiles } from "../../components/node/files";
import { parseCluster } from "../../components/spec/parse";
import { goodConfig, without } from "../unit/spec/configs";
import { assertGoldenOf, lineDiff } from "./golden";

const EXTERNAL = parseCluster(goodConfig());
const STACKED = parseCluster(without(["etcd-1", "etcd-2", "etcd-3"], goodConfig({ topology: "stacked" })));
const MIRRORED = parseCluster(
  goodConfig({
    artifacts: {
      source: "mirror",
      baseUrl: "https://mirror.example.com",
      registryMirror: "https://registry.example.com",
    },
  }),
);

/** Everything that is written on hosts, by the name of its golden. */
const RENDERED: Record<string, string> = {
  "kubeadm-init.yaml": initConfig(EXTERNAL),
  "kubeadm-init.yaml stacked, against external": `${lineDiff(initConfig(EXTERNAL), initConfig(STACKED))}\n`,
  "kubeadm-join.yaml of a master": masterJoinConfig(EXTERNAL),
  "kubeadm-join.yaml of a worker": workerJoinConfig(EXTERNAL),
  "kubeadm-token.yaml": workerTokenConfig(EXTERNAL),
  "admission.yaml": ADMISSION,
  "audit-policy.yaml": AUDIT_POLICY,
  "authentication.yaml": AUTHENTICATION,
  "encryption.yaml": encryptionConfig("bm90IGEgcmVhbCBrZXkgYnV0IDMyIGJ5dGVzIGxvbmc="),
  "bootstrap.yaml": BOOTSTRAP_OBJECTS,
  "approver.service": APPROVER_UNIT,
  "etcd.yaml": etcdConfig(EXTERNAL),
  "etcd.service": ETCD_UNIT,
  "etcdctl.env": ETCDCTL_ENV,
  ...nodeFiles(MIRRORED),
  "server.cnf of mariadb": mysqlConfig("mariadb"),
  "server.cnf of mysql": mysqlConfig("mysql"),
};

describe("rendered", () => {
  for (const [name, text] of Object.entries(RENDERED)) {
    it(name, function () {
      assertGoldenOf(this, text);
    });
  }
});
