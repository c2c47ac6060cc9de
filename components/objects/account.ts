import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Name of an account and of what belongs to it. */
export interface AccountMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Record<string, string>;
}

/** Makes a service account that may do this in the whole cluster; gives what its pods depend on. */
export function clusterAccount(
  name: string,
  metadata: AccountMetadata,
  rules: types.input.rbac.v1.PolicyRule[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { core, rbac } = kubernetes;
  const { namespace, ...wide } = metadata;
  const account = new core.v1.ServiceAccount(name, { metadata }, opts);
  const role = new rbac.v1.ClusterRole(name, { metadata: wide, rules }, opts);
  const binding = new rbac.v1.ClusterRoleBinding(
    name,
    {
      metadata: wide,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: metadata.name },
      subjects: [{ kind: "ServiceAccount", name: metadata.name, namespace }],
    },
    { ...opts, dependsOn: [role] },
  );
  return [account, binding];
}
