import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { shellFile } from "../host";
import { clusterAccount } from "../objects/account";
import { exceptions } from "../objects/exception";
import { NOBODY, RESTRICTED } from "../objects/pods";
import { LOCAL_PATH_HELPER_IMAGE, LOCAL_PATH_IMAGE } from "../spec/services";

/** What its classes name; upstream's own name. */
export const LOCAL_PATH_PROVISIONER = "rancher.io/local-path";

/** Upstream's own name too. */
export const LOCAL_PATH_NAMESPACE = "local-path-storage";
const NAME = "local-path-provisioner";
const LABELS = { "app.kubernetes.io/name": NAME };

/**
 * Installs the provisioner of volumes on the nodes' own disks. A volume stays on its node, and a pod with it: what is
 * replicated by itself (a database, Prometheus) belongs here, and nothing else.
 *
 * @see https://github.com/rancher/local-path-provisioner/tree/v0.0.30#configuration
 */
export function localPath(
  name: string,
  folder: string,
  after: pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { core, rbac, apps } = kubernetes;
  const namespace = new core.v1.Namespace(
    `${name}-local-path`,
    // Its helper pods write to the node's disk.
    {
      metadata: {
        name: LOCAL_PATH_NAMESPACE,
        labels: { "pod-security.kubernetes.io/enforce": "privileged" },
      },
    },
    opts,
  );
  const inside = { ...opts, dependsOn: [namespace] };
  const metadata = { name: NAME, namespace: LOCAL_PATH_NAMESPACE, labels: LABELS };
  const account = clusterAccount(`${name}-local-path`, metadata, RULES, inside);
  const helpers = new rbac.v1.RoleBinding(
    `${name}-local-path`,
    {
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: NAME },
      subjects: [{ kind: "ServiceAccount", name: NAME, namespace: LOCAL_PATH_NAMESPACE }],
    },
    {
      ...inside,
      dependsOn: [new rbac.v1.Role(`${name}-local-path`, { metadata, rules: HELPER_RULES }, inside)],
    },
  );
  const files = new core.v1.ConfigMap(
    `${name}-local-path`,
    { metadata, data: localPathFiles(folder) },
    inside,
  );
  const deployment = new apps.v1.Deployment(
    `${name}-local-path`,
    {
      metadata: {
        ...metadata,
        annotations: exceptions({
          "more-than-one-replica": "it knows no election of a leader",
          probes: "it serves nothing that could be asked; it ends by itself when it can't go on",
        }),
      },
      spec: {
        // It knows no election of a leader: a second one would make every volume twice.
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: LABELS },
        template: { metadata: { labels: LABELS }, spec: POD },
      },
    },
    { ...inside, dependsOn: [...account, helpers, files, ...after] },
  );
  return [deployment];
}

/** Files of the provisioner: where volumes lie, and the helper pod that makes and removes their folders. */
export function localPathFiles(folder: string): Record<string, string> {
  const script = (file: string) => shellFile(join(__dirname, "scripts", file));
  return {
    "config.json": `${JSON.stringify({ nodePathMap: [{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: [folder] }] })}\n`,
    setup: script("setup.sh"),
    teardown: script("teardown.sh"),
    "helperPod.yaml": stringify(HELPER_POD),
  };
}

/** A full disk must not keep a volume from being removed. */
const HELPER_POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "helper-pod" },
  spec: {
    priorityClassName: "system-node-critical",
    automountServiceAccountToken: false,
    tolerations: [{ key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" }],
    containers: [
      {
        name: "helper-pod",
        image: LOCAL_PATH_HELPER_IMAGE,
        imagePullPolicy: "IfNotPresent",
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          // It makes and removes folders whose files belong to any user.
          capabilities: { drop: ["ALL"], add: ["DAC_OVERRIDE", "FOWNER"] },
          seccompProfile: { type: "RuntimeDefault" },
        },
        resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
      },
    ],
  },
};

/** What it does in the whole cluster (upstream's deploy/local-path-storage.yaml). */
const RULES: types.input.rbac.v1.PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes", "persistentvolumeclaims"], verbs: ["get", "list", "watch"] },
  {
    apiGroups: [""],
    resources: ["persistentvolumes"],
    verbs: ["get", "list", "watch", "create", "patch", "update", "delete"],
  },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  { apiGroups: ["storage.k8s.io"], resources: ["storageclasses"], verbs: ["get", "list", "watch"] },
];

/** What it does in its own namespace: its files, and its helper pods. */
const HELPER_RULES: types.input.rbac.v1.PolicyRule[] = [
  { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch", "create", "delete"] },
  { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
];

const POD: types.input.core.v1.PodSpec = {
  serviceAccountName: NAME,
  // Pods that wait for a volume wait for it.
  priorityClassName: "system-cluster-critical",
  containers: [
    {
      name: NAME,
      image: LOCAL_PATH_IMAGE,
      imagePullPolicy: "IfNotPresent",
      command: ["local-path-provisioner"],
      args: [
        "start",
        "--config=/etc/config/config.json",
        `--configmap-name=${NAME}`,
        `--service-account-name=${NAME}`,
      ],
      env: [{ name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
      // Of a small site: an idle watch of claims.
      resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
      securityContext: { ...RESTRICTED, runAsUser: NOBODY },
      volumeMounts: [{ name: "files", mountPath: "/etc/config", readOnly: true }],
    },
  ],
  volumes: [{ name: "files", configMap: { name: NAME } }],
};
