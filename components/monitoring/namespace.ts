import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { MONITORING_NAMESPACE } from "./names";

/** Label of namespaces whose pods may ask Prometheus, Alertmanager and the store of logs. */
export const MONITORING_CLIENTS = { "ha-kubernetes/monitoring-client": "true" };

/**
 * Makes the namespace of everything that watches; what looks at the hosts in it needs the privileged level.
 * Its parts have no passwords, and who reaches them may silence alerts and read every log: nobody from elsewhere is let in.
 */
export function monitoringNamespace(name: string, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const { aliases: _, ...inside } = opts;
  const space = new kubernetes.core.v1.Namespace(
    `${name}-namespace`,
    {
      metadata: {
        name: MONITORING_NAMESPACE,
        labels: { "pod-security.kubernetes.io/enforce": "privileged" },
      },
    },
    opts,
  );
  new kubernetes.networking.v1.NetworkPolicy(
    `${name}-clients`,
    {
      metadata: { name: "clients", namespace: MONITORING_NAMESPACE },
      spec: {
        podSelector: {},
        policyTypes: ["Ingress"],
        ingress: [
          { from: [{ podSelector: {} }, { namespaceSelector: { matchLabels: MONITORING_CLIENTS } }] },
        ],
      },
    },
    { ...inside, dependsOn: [space] },
  );
  return space;
}
