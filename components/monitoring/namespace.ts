import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { MONITORING_NAMESPACE } from "./names";

/** Makes the namespace of everything that watches; what looks at the hosts in it needs the privileged level. */
export function monitoringNamespace(name: string, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  return new kubernetes.core.v1.Namespace(
    `${name}-namespace`,
    {
      metadata: {
        name: MONITORING_NAMESPACE,
        labels: { "pod-security.kubernetes.io/enforce": "privileged" },
      },
    },
    opts,
  );
}
