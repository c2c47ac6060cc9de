import { DRAIN_SECONDS } from "../objects/pods";
import { stringify } from "yaml";

/** User name in the certificate with which a joining worker mints and revokes its own token. */
export const JOINER = "ha-kubernetes:joiner";

/**
 * What `kubeadm init` is followed by: the right to mint join tokens, held to that by an admission policy,
 * and the mark that the cluster was initialised to the end.
 */
export const BOOTSTRAP_OBJECTS = [
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: JOINER, namespace: "kube-system" },
    // No "get": the joiner can't read a Secret, not even those it made.
    rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["create", "delete"] }],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: JOINER, namespace: "kube-system" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: JOINER },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: JOINER }],
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "joiner-tokens-only.ha-kubernetes.io" },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [""],
            apiVersions: ["v1"],
            resources: ["secrets"],
            operations: ["CREATE", "UPDATE", "DELETE"],
          },
        ],
      },
      matchConditions: [{ name: "joiner", expression: `request.userInfo.username == "${JOINER}"` }],
      validations: [
        {
          expression:
            '(request.operation == "DELETE" ? oldObject : object).type == "bootstrap.kubernetes.io/token"',
          message: "the joiner may make and remove join tokens only",
        },
        {
          expression: 'request.operation == "DELETE" || "expiration" in object.data',
          message: "a join token must expire",
        },
      ],
    },
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: "joiner-tokens-only.ha-kubernetes.io" },
    spec: { policyName: "joiner-tokens-only.ha-kubernetes.io", validationActions: ["Deny"] },
  },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "ha-kubernetes", namespace: "kube-system" },
    data: { initialised: "true" },
  },
]
  .map((object) => stringify(object))
  .join("---\n");

/** systemd's unit of the approver of kubelets' serving certificates. */
export const APPROVER_UNIT = `[Unit]
Description=Approves the serving certificates of this cluster's kubelets
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/local/sbin/kubelet-serving-approver
# The API server ends a watch after a while; the next one begins where it stands.
Restart=always
RestartSec=2

[Install]
WantedBy=multi-user.target
`;

/**
 * What is changed in kubeadm's CoreDNS.
 *
 * - Its two pods never share a node. kubeadm asks for that only where there is a choice, and both go to the node that is Ready
 *   first; with it the cluster would lose its DNS for two minutes.
 * - One that is to end goes on answering, beside the 5 s that CoreDNS itself waits (`lameduck`): a node that hears late of it would
 *   lose lookups.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
export const COREDNS_PATCH = stringify({
  spec: {
    template: {
      spec: {
        containers: [{ name: "coredns", lifecycle: { preStop: { sleep: { seconds: DRAIN_SECONDS } } } }],
        topologySpreadConstraints: [
          {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "DoNotSchedule",
            labelSelector: { matchLabels: { "k8s-app": "kube-dns" } },
            // Those of an earlier version don't count, or a rollout would wait for ever.
            matchLabelKeys: ["pod-template-hash"],
          },
        ],
      },
    },
  },
});
