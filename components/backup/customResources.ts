import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { NOBODY, RESTRICTED } from "../objects/pods";
import { VELERO_IMAGE, VELERO_VERSION } from "../spec/services";
import { BACKUP_NAMESPACE, VELERO } from "./names";
import { WRITABLE, WRITABLE_VOLUMES } from "./pods";

/**
 * Makes Velero's custom resources by a job that runs the server's own image: they are always those that the server asks
 * for when it starts. They stay when backup is switched off.
 */
export function customResources(
  name: string,
  after: pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new kubernetes.batch.v1.Job(
    `${name}-crds`,
    {
      // A job can't be changed: another version is another job.
      metadata: { name: `velero-crds-${VELERO_VERSION.replaceAll(".", "-")}`, namespace: BACKUP_NAMESPACE },
      spec: {
        backoffLimit: 6,
        template: {
          spec: {
            serviceAccountName: VELERO,
            restartPolicy: "OnFailure",
            containers: [
              {
                name: "crds",
                image: VELERO_IMAGE,
                imagePullPolicy: "IfNotPresent",
                command: ["/velero"],
                // Server-side, so that those of an earlier version are changed.
                args: ["install", "--crds-only", "--apply"],
                env: WRITABLE.env,
                resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
                securityContext: { ...RESTRICTED, runAsUser: NOBODY },
                volumeMounts: WRITABLE.mounts,
              },
            ],
            volumes: WRITABLE_VOLUMES,
          },
        },
      },
    },
    { ...opts, dependsOn: after },
  );
}
