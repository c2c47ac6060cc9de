import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectOptions } from "../objects/objectOptions";
import { NOBODY, PATIENCE, RESTRICTED, spreadOverHosts } from "../objects/pods";
import { certificateAuthority, issue } from "../pki/certificates";
import { METRICS_SERVER_IMAGE } from "../spec/services";

const NAME = "metrics-server";
const NAMESPACE = "kube-system";
const LABELS = { "app.kubernetes.io/name": NAME };
const RBAC = "rbac.authorization.k8s.io";

/** Upstream's own port; it must be one that the API servers reach in a pod. */
const PORT = 10250;

/** Where its certificate lies in the pod. */
const TLS = "/etc/metrics-server";

/** Arguments of {@link MetricsServer}. */
export interface MetricsServerArgs {
  /** Most nodes that it is to look at, for its memory. Default: 100, as upstream's. */
  maxNodes?: number;
  /** What must stand before: nodes on which it runs. */
  after?: pulumi.Resource[];
}

/**
 * Usage of nodes and pods, for `kubectl top` and the autoscalers: two replicas, whose certificate the API servers verify
 * and which verify the kubelets' (give the provider in the options).
 */
export class MetricsServer extends pulumi.ComponentResource {
  /** What to depend on for metrics that are served. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: MetricsServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:MetricsServer", name, {}, opts);
    const { core, apps, policy, apiregistration } = kubernetes;
    const child = objectOptions(this, opts);
    const metadata = { name: NAME, namespace: NAMESPACE, labels: LABELS };
    // A CA that signs this one certificate and nothing else.
    const ca = certificateAuthority(`${name}-ca`, "metrics-server-ca", this);
    const serving = issue(
      `${name}-serving`,
      ca,
      { commonName: NAME, dnsNames: [`${NAME}.${NAMESPACE}.svc`], uses: ["server"] },
      this,
    );
    const certificate = new core.v1.Secret(
      name,
      {
        metadata,
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": serving.certPem, "tls.key": serving.keyPem },
      },
      child,
    );
    const account = new core.v1.ServiceAccount(name, { metadata }, child);
    const service = new core.v1.Service(
      name,
      {
        // Its endpoints come with the pods, which are waited for.
        metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: { selector: LABELS, ports: [{ name: "https", port: 443, targetPort: PORT }] },
      },
      child,
    );
    const deployment = new apps.v1.Deployment(
      name,
      {
        metadata,
        spec: {
          replicas: 2,
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
          selector: { matchLabels: LABELS },
          template: { metadata: { labels: LABELS }, spec: pod(args.maxNodes ?? 100) },
        },
      },
      { ...child, dependsOn: [certificate, account, ...this.rights(name, child), ...(args.after ?? [])] },
    );
    new policy.v1.PodDisruptionBudget(
      name,
      { metadata, spec: { minAvailable: 1, selector: { matchLabels: LABELS } } },
      child,
    );
    const api = new apiregistration.v1.APIService(
      name,
      {
        metadata: { name: "v1beta1.metrics.k8s.io", labels: LABELS },
        spec: {
          group: "metrics.k8s.io",
          version: "v1beta1",
          groupPriorityMinimum: 100,
          versionPriority: 100,
          service: { name: NAME, namespace: NAMESPACE },
          caBundle: ca.certPem.apply((pem) => Buffer.from(pem).toString("base64")),
        },
      },
      { ...child, dependsOn: [service, deployment] },
    );
    this.ready = [api];
    this.registerOutputs();
  }

  /** What it may do, and who may ask it (upstream's manifests/base/rbac.yaml). */
  private rights(name: string, child: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const { rbac } = kubernetes;
    const subjects = [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }];
    const metadata = { name: `system:${NAME}`, labels: LABELS };
    const role = new rbac.v1.ClusterRole(name, { metadata, rules: RULES }, child);
    const roleRef = (kind: string, ref: string) => ({ apiGroup: RBAC, kind, name: ref });
    new rbac.v1.ClusterRole(`${name}-reader`, READER, child);
    return [
      new rbac.v1.ClusterRoleBinding(
        name,
        { metadata, roleRef: roleRef("ClusterRole", metadata.name), subjects },
        { ...child, dependsOn: [role] },
      ),
      new rbac.v1.ClusterRoleBinding(
        `${name}-auth-delegator`,
        {
          metadata: { name: `${NAME}:system:auth-delegator`, labels: LABELS },
          roleRef: roleRef("ClusterRole", "system:auth-delegator"),
          subjects,
        },
        child,
      ),
      new rbac.v1.RoleBinding(
        `${name}-auth-reader`,
        {
          metadata: { name: `${NAME}-auth-reader`, namespace: NAMESPACE, labels: LABELS },
          roleRef: roleRef("Role", "extension-apiserver-authentication-reader"),
          subjects,
        },
        child,
      ),
    ];
  }
}

const RULES: types.input.rbac.v1.PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
  { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
];

/** Whoever may view, may see usage. */
const READER: kubernetes.rbac.v1.ClusterRoleArgs = {
  metadata: {
    name: "system:aggregated-metrics-reader",
    labels: {
      ...LABELS,
      ...Object.fromEntries(["view", "edit", "admin"].map((to) => [`${RBAC}/aggregate-to-${to}`, "true"])),
    },
  },
  rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
};

const probe = (path: string) => ({
  httpGet: { path, port: PORT, scheme: "HTTPS" },
});

const pod = (maxNodes: number): types.input.core.v1.PodSpec => ({
  serviceAccountName: NAME,
  priorityClassName: "system-cluster-critical",
  affinity: spreadOverHosts(LABELS),
  containers: [
    {
      name: NAME,
      image: METRICS_SERVER_IMAGE,
      imagePullPolicy: "IfNotPresent",
      args: [
        `--secure-port=${PORT}`,
        `--tls-cert-file=${TLS}/tls.crt`,
        `--tls-private-key-file=${TLS}/tls.key`,
        // Kubelets serve a certificate of the cluster's CA for their address.
        "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
        "--kubelet-preferred-address-types=InternalIP",
        // Upstream's own; the autoscaler looks every 15 s.
        "--metric-resolution=15s",
      ],
      resources: resources(maxNodes),
      // Ready with its second look at the kubelets, so the first probe that can pass is after two of them.
      readinessProbe: { ...probe("/readyz"), periodSeconds: 2, failureThreshold: 30 },
      livenessProbe: { ...probe("/livez"), ...PATIENCE },
      securityContext: { ...RESTRICTED, runAsUser: NOBODY },
      volumeMounts: [{ name: "tls", mountPath: TLS, readOnly: true }],
    },
  ],
  securityContext: { fsGroup: NOBODY },
  volumes: [{ name: "tls", secret: { secretName: NAME, defaultMode: 0o440 } }],
});

/** Upstream's: 200 MiB and 0.1 cores for up to 100 nodes, 2 MiB and 0.001 cores for each more (its README, "Scaling"); twice as much at most. */
function resources(maxNodes: number): types.input.core.v1.ResourceRequirements {
  const more = Math.max(0, maxNodes - 100);
  const memory = 200 + 2 * more;
  return {
    requests: { cpu: `${100 + more}m`, memory: `${memory}Mi` },
    limits: { memory: `${2 * memory}Mi` },
  };
}
