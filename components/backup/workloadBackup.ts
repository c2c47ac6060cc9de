import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectOptions } from "../objects/objectOptions";
import { s3Credentials } from "../objects/s3";
import type { NamedSecrets } from "../objects/secrets";
import type { BackupSpec } from "../spec/types";
import { customResources } from "./customResources";
import { BACKUP_NAMESPACE, VELERO } from "./names";
import { nodeAgent } from "./nodeAgent";
import { repositoryPassword } from "./repositoryPassword";
import { schedule } from "./schedule";
import { server } from "./server";
import { store } from "./store";

/** Arguments of {@link WorkloadBackup}. */
export interface WorkloadBackupArgs {
  /** Where backups are kept, when they are made and for how long. */
  backup: BackupSpec;
  /** What the secret config keys hold that `backup` names. */
  secrets?: NamedSecrets;
  /** What must stand before: nodes on which Velero runs. */
  after?: pulumi.Resource[];
}

/** Velero in namespace `velero`: objects and volumes of workloads, saved to a bucket every day (give the provider in the options). */
export class WorkloadBackup extends pulumi.ComponentResource {
  /** What to depend on for backups that are made. */
  readonly ready: pulumi.Resource[];
  /** Password of the volumes' copies, without which none of them can be read; secret. */
  readonly repositoryPassword: pulumi.Output<string>;

  constructor(name: string, args: WorkloadBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:WorkloadBackup", name, {}, opts);
    const { backup, secrets, after = [] } = args;
    const child = objectOptions(this, opts);
    const space = new kubernetes.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: BACKUP_NAMESPACE,
          // The node agent, and the pods that it starts to copy volumes, look at the host's files as root.
          labels: { "pod-security.kubernetes.io/enforce": "privileged" },
        },
      },
      child,
    );
    const inside = { ...child, dependsOn: [space] };
    const account = administrator(name, inside);
    const password = repositoryPassword(name, backup, secrets, inside);
    const kinds = customResources(name, [...account, ...after], child);
    const credentials = s3Credentials(backup.s3, secrets, "backup.s3");
    const location = store(name, backup.s3, credentials, [kinds], child);
    const before = [kinds, password.secret, location];
    const velero = server(name, before, child);
    const parts = [velero, nodeAgent(name, before, child)];
    this.repositoryPassword = password.value;
    this.ready = [velero, schedule(name, backup, parts, child)];
    this.registerOutputs();
  }
}

/**
 * The account of all parts. It is an administrator, as in upstream's own install (pkg/install/resources.go): a restore
 * makes objects of every kind, Roles and their bindings among them, which nobody may who has fewer rights than they give.
 */
function administrator(name: string, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const { core, rbac } = kubernetes;
  const metadata = { name: VELERO, namespace: BACKUP_NAMESPACE };
  return [
    new core.v1.ServiceAccount(`${name}-velero`, { metadata }, opts),
    new rbac.v1.ClusterRoleBinding(
      `${name}-velero`,
      {
        metadata: { name: VELERO },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: [{ kind: "ServiceAccount", ...metadata }],
      },
      opts,
    ),
  ];
}
