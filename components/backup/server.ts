import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { exceptions } from "../objects/exception";
import { NOBODY, RESTRICTED } from "../objects/pods";
import { VELERO_AWS_IMAGE, VELERO_IMAGE } from "../spec/services";
import { BACKUP_NAMESPACE, VELERO as NAME } from "./names";
import { COPIER_RESOURCES, PROBES, WRITABLE, WRITABLE_VOLUMES } from "./pods";

const LABELS = { "app.kubernetes.io/name": NAME };

/** Name of the ConfigMap that bounds what tidying up may take. */
const MAINTENANCE = "repo-maintenance";

/** Installs the server: it makes backups and restores, and removes what is too old. */
export function server(
  name: string,
  after: pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const metadata = { name: NAME, namespace: BACKUP_NAMESPACE, labels: LABELS };
  const maintenance = new kubernetes.core.v1.ConfigMap(
    `${name}-repo-maintenance`,
    {
      metadata: { ...metadata, name: MAINTENANCE },
      // Read for every job anew.
      data: { global: JSON.stringify({ podResources: COPIER_RESOURCES }) },
    },
    { ...opts, dependsOn: after },
  );
  return new kubernetes.apps.v1.Deployment(
    `${name}-velero`,
    {
      metadata: {
        ...metadata,
        annotations: exceptions({
          "more-than-one-replica":
            "it knows no election of a leader: a second one would make every backup twice",
        }),
      },
      spec: {
        replicas: 1,
        // At no time two.
        strategy: { type: "Recreate" },
        selector: { matchLabels: LABELS },
        template: { metadata: { labels: LABELS }, spec: POD },
      },
    },
    { ...opts, dependsOn: [maintenance, ...after] },
  );
}

const security = { ...RESTRICTED, runAsUser: NOBODY };

const POD: types.input.core.v1.PodSpec = {
  serviceAccountName: NAME,
  initContainers: [
    {
      // It puts the plugin into the folder from which the server starts it.
      name: "velero-plugin-for-aws",
      image: VELERO_AWS_IMAGE,
      imagePullPolicy: "IfNotPresent",
      resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "128Mi" } },
      securityContext: security,
      volumeMounts: [{ name: "plugins", mountPath: "/target" }],
    },
  ],
  containers: [
    {
      name: NAME,
      image: VELERO_IMAGE,
      imagePullPolicy: "IfNotPresent",
      command: ["/velero"],
      args: [
        "server",
        // Also of backups that are made by hand.
        "--default-volumes-to-fs-backup=true",
        `--repo-maintenance-job-configmap=${MAINTENANCE}`,
      ],
      env: WRITABLE.env,
      ...PROBES,
      // Memory as upstream's install (pkg/install/resources.go); half a processor all day is much for a job of the night.
      resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
      securityContext: security,
      volumeMounts: [...WRITABLE.mounts, { name: "plugins", mountPath: "/plugins" }],
    },
  ],
  volumes: [...WRITABLE_VOLUMES, { name: "plugins", emptyDir: {} }],
};
