import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { TRUSTED_NAMESPACES } from "../controlplane/apiFiles";
import type { BackupSpec } from "../spec/types";
import { BACKUP_NAMESPACE, LOCATION, SCHEDULE } from "./names";

/** Name of the ConfigMap that says which volumes are copied. */
const VOLUME_POLICY = "volume-policy";

/** Namespaces with nothing of the operator's: what is in them the cluster and `up` make again. */
const OWN_NAMESPACES = ["kube-public", "kube-node-lease", ...TRUSTED_NAMESPACES];

/**
 * Which volumes are not copied: those that are gone with their pod anyway.
 *
 * @see https://velero.io/docs/v1.18/resource-filtering/#resource-policies
 */
export const VOLUME_POLICIES = stringify({
  version: "v1",
  volumePolicies: [{ conditions: { volumeTypes: ["emptyDir"] }, action: { type: "skip" } }],
});

/** Makes the schedule by which everything is saved; gives it. */
export function schedule(
  name: string,
  backup: BackupSpec,
  after: pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const metadata = { namespace: BACKUP_NAMESPACE };
  const policy = new kubernetes.core.v1.ConfigMap(
    `${name}-volume-policy`,
    { metadata: { ...metadata, name: VOLUME_POLICY }, data: { "policies.yaml": VOLUME_POLICIES } },
    { ...opts, dependsOn: after },
  );
  return new kubernetes.apiextensions.CustomResource(
    `${name}-schedule`,
    {
      apiVersion: "velero.io/v1",
      kind: "Schedule",
      metadata: { ...metadata, name: SCHEDULE },
      spec: { schedule: backup.schedule, template: backupTemplate(backup) },
    },
    { ...opts, dependsOn: [policy, ...after] },
  );
}

/**
 * What each backup saves: objects of all namespaces but the cluster's own, all objects without a namespace, and the files
 * in claimed volumes.
 *
 * @see https://velero.io/docs/v1.18/api-types/backup/
 */
export function backupTemplate({ retentionDays, excludedNamespaces }: BackupSpec): object {
  return {
    storageLocation: LOCATION,
    ttl: `${retentionDays * 24}h0m0s`,
    includedNamespaces: ["*"],
    excludedNamespaces: [...new Set([...OWN_NAMESPACES, ...excludedNamespaces])],
    // A new cluster needs them too: custom resources, roles, classes.
    includeClusterResources: true,
    // By files, as local volumes and those of NFS have no snapshots.
    defaultVolumesToFsBackup: true,
    snapshotVolumes: false,
    resourcePolicy: { kind: "configmap", name: VOLUME_POLICY },
  };
}
