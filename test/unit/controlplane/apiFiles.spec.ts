import assert from "node:assert/strict";
import { parse } from "yaml";
import {
  ADMISSION,
  AUDIT_POLICY,
  AUTHENTICATION,
  encryptionConfig,
} from "../../../components/controlplane/apiFiles";
import { BOOTSTRAP_OBJECTS, JOINER } from "../../../components/controlplane/bootstrap";
import { CEPH_NAMESPACE, LOCAL_PATH_NAMESPACE, NFS_NAMESPACE } from "../../../components/storage";

interface Rule {
  level: string;
  resources?: { group: string; resources: string[] }[];
}

describe("files of the API server", () => {
  it("let the anonymous in on health paths only", () => {
    const { anonymous } = parse(AUTHENTICATION) as { anonymous: object };
    assert.deepEqual(anonymous, {
      enabled: true,
      conditions: [{ path: "/livez" }, { path: "/readyz" }, { path: "/healthz" }],
    });
  });

  it("encrypt Secrets with the key of 32 bytes, and read those from before", () => {
    const key = Buffer.alloc(32, 7).toString("base64");
    const { resources } = parse(encryptionConfig(key)) as { resources: object[] };
    assert.deepEqual(resources, [
      {
        resources: ["secrets"],
        providers: [{ secretbox: { keys: [{ name: "key1", secret: key }] } }, { identity: {} }],
      },
    ]);
  });

  it("audit what happens to Secrets without their contents", () => {
    const { rules } = parse(AUDIT_POLICY) as { rules: Rule[] };
    const first = rules.find(({ resources }) =>
      resources?.some(({ resources }) => resources.includes("secrets")),
    );
    assert.equal(first?.level, "Metadata");
    const before = rules.slice(0, rules.indexOf(first));
    assert.ok(
      before.every(({ level }) => level === "None"),
      "an earlier rule would take Secrets with more",
    );
  });

  it("hold pods to the baseline, but for the namespaces of the cluster's own parts", () => {
    const { plugins } = parse(ADMISSION) as {
      plugins: {
        configuration: { defaults: Record<string, string>; exemptions: { namespaces: string[] } };
      }[];
    };
    const [security] = plugins;
    assert.equal(security?.configuration.defaults["enforce"], "baseline");
    const { namespaces } = security.configuration.exemptions;
    assert.ok(!namespaces.includes("default"));
    for (const name of [LOCAL_PATH_NAMESPACE, CEPH_NAMESPACE, NFS_NAMESPACE])
      assert.ok(namespaces.includes(name), name);
  });

  it("let the joiner make and remove tokens, and read nothing", () => {
    const [role] = BOOTSTRAP_OBJECTS.split("---\n").map(
      (text) => parse(text) as { kind: string; rules: object },
    );
    assert.equal(role?.kind, "Role");
    assert.deepEqual(role.rules, [{ apiGroups: [""], resources: ["secrets"], verbs: ["create", "delete"] }]);
    assert.ok(
      BOOTSTRAP_OBJECTS.includes(`request.userInfo.username == \\"${JOINER}\\"`) ||
        BOOTSTRAP_OBJECTS.includes(`request.userInfo.username == "${JOINER}"`),
    );
  });
});
