import { stringify } from "yaml";

/**
 * Anonymous requests are let in on the health paths only: load balancers and kubeadm's probes ask them without
 * a certificate, and `--anonymous-auth=false` would refuse those too.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-authenticator-configuration
 */
export const AUTHENTICATION = stringify({
  apiVersion: "apiserver.config.k8s.io/v1",
  kind: "AuthenticationConfiguration",
  anonymous: { enabled: true, conditions: ["/livez", "/readyz", "/healthz"].map((path) => ({ path })) },
});

/** Namespaces whose pods need the host: the cluster's own networks, storage, monitoring and backup. */
export const TRUSTED_NAMESPACES = [
  "kube-system",
  "tigera-operator",
  "calico-system",
  "calico-apiserver",
  "local-path-storage",
  "ceph-csi-rbd",
  "csi-driver-nfs",
  "monitoring",
  "velero",
];

/**
 * Pod Security for namespaces that say nothing: what `baseline` forbids is refused, what `restricted` forbids is warned of.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/enforce-standards-admission-controller/
 */
export const ADMISSION = stringify({
  apiVersion: "apiserver.config.k8s.io/v1",
  kind: "AdmissionConfiguration",
  plugins: [
    {
      name: "PodSecurity",
      configuration: {
        apiVersion: "pod-security.admission.config.k8s.io/v1",
        kind: "PodSecurityConfiguration",
        defaults: {
          enforce: "baseline",
          "enforce-version": "latest",
          audit: "restricted",
          "audit-version": "latest",
          warn: "restricted",
          "warn-version": "latest",
        },
        exemptions: { usernames: [], runtimeClasses: [], namespaces: TRUSTED_NAMESPACES },
      },
    },
  ],
});

/**
 * Who did what, without the contents of Secrets and without the noise of reads by the system's own parts.
 *
 * @see https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 */
export const AUDIT_POLICY = stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    // First of all: who reads a Secret is noted, whoever it is.
    {
      level: "Metadata",
      resources: [
        { group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
        { group: "authentication.k8s.io", resources: ["tokenreviews"] },
      ],
    },
    { level: "None", nonResourceURLs: ["/livez*", "/readyz*", "/healthz*", "/version", "/metrics"] },
    {
      level: "None",
      resources: [
        { group: "", resources: ["events"] },
        { group: "events.k8s.io", resources: ["events"] },
      ],
    },
    { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
    {
      level: "None",
      userGroups: ["system:nodes", "system:serviceaccounts:kube-system"],
      verbs: ["get", "list", "watch"],
    },
    {
      level: "None",
      users: [
        "system:kube-scheduler",
        "system:kube-controller-manager",
        "system:kube-proxy",
        "system:apiserver",
      ],
      verbs: ["get", "list", "watch"],
    },
    { level: "Request", verbs: ["create", "update", "patch", "delete", "deletecollection"] },
    { level: "Metadata" },
  ],
});

/** Secrets are encrypted in etcd with XSalsa20-Poly1305; `key` is 32 random bytes in base64. */
export function encryptionConfig(key: string): string {
  return stringify({
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [
      {
        resources: ["secrets"],
        providers: [{ secretbox: { keys: [{ name: "key1", secret: key }] } }, { identity: {} }],
      },
    ],
  });
}
