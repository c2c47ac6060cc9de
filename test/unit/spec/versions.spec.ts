import { deepEqual, equal, throws } from "node:assert/strict";
import {
  checkKubernetesVersion,
  DEFAULT_KUBERNETES_VERSION,
  KUBERNETES_VERSIONS,
  PINNED_VERSIONS,
  tigeraOperatorVersion,
  versionsFor,
} from "../../../components/spec/versions";

describe("versions", () => {
  it("are given newest first, those without upstream sums before", () => {
    equal(PINNED_VERSIONS[0], "1.36.4");
    equal(PINNED_VERSIONS.at(-1), "1.35.0");
    deepEqual(KUBERNETES_VERSIONS, ["1.37.2", ...PINNED_VERSIONS]);
  });

  it("go with what kubeadm of that minor version runs", () => {
    const parts = ["1.35.8", "1.36.4", "1.37.2"].map((version) => versionsFor(version));
    deepEqual(
      parts.map((v) => [v?.coredns, v?.pause, v?.etcd]),
      [
        ["1.13.1", "3.10.1", "3.6.14"],
        ["1.14.2", "3.10.2", "3.6.14"],
        ["1.14.6", "3.10.2", "3.6.14"],
      ],
    );
  });

  it("are unknown for a patch that does not exist and for a minor version that is gone", () => {
    equal(versionsFor("1.36.99"), undefined);
    equal(versionsFor("1.28.0"), undefined);
  });

  it("take the default from every source", () => {
    for (const source of ["upstream", "mirror", "bundle"] as const) {
      equal(checkKubernetesVersion(DEFAULT_KUBERNETES_VERSION, source), undefined);
    }
  });

  it("know the operator of the installed Calico, and say so if one is missing", () => {
    equal(tigeraOperatorVersion(versionsFor(DEFAULT_KUBERNETES_VERSION)?.calico ?? ""), "1.40.15");
    throws(() => tigeraOperatorVersion("3.0.0"), /versions.ts knows no Tigera operator for Calico 3.0.0/);
  });
});
