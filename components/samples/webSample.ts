import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { fingerprint } from "../objects/fingerprint";
import { NGINX_CONFIG, nginxContainer, NGINX_PORT, nginxVolumes, workPage } from "./nginx";
import { sampleNamespace } from "./sampleNamespace";

/** What differs between the samples that serve pages. */
export interface WebSampleArgs {
  /** Name of the sample, of its namespace and of all in it. */
  readonly sample: string;
  readonly image: string;
  readonly replicas: number;
  readonly strategy: { readonly maxSurge: number; readonly maxUnavailable: number };
  /** Where its pods may be: `affinity`, `topologySpreadConstraints`. */
  readonly placement: Pick<types.input.core.v1.PodSpec, "affinity" | "topologySpreadConstraints">;
  readonly disruption: { readonly minAvailable?: number; readonly maxUnavailable?: number };
  /** Added to its Service. */
  readonly service?: types.input.core.v1.ServiceSpec;
  /** Somebody else, an autoscaler, says how many replicas there are. */
  readonly scaled?: boolean;
  readonly after: pulumi.Resource[];
}

/** Installs nginx behind a Service in a namespace of its own, with a budget for disruptions; gives the Deployment. */
export function webSample(
  name: string,
  args: WebSampleArgs,
  opts: pulumi.CustomResourceOptions,
): kubernetes.apps.v1.Deployment {
  const { core, apps, policy } = kubernetes;
  const { sample, replicas, strategy } = args;
  const labels = { "app.kubernetes.io/name": sample };
  const metadata = { name: sample, namespace: sample, labels };
  // Whoever is in the cluster may ask for pages, and the pods ask for nothing.
  const space = sampleNamespace(
    `${name}-${sample}`,
    sample,
    [
      {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress"],
        ingress: [{ ports: [{ protocol: "TCP", port: NGINX_PORT }] }],
      },
    ],
    opts,
  );
  const inside = { ...opts, dependsOn: space };
  const data = { "nginx.conf": NGINX_CONFIG, "work.txt": workPage() };
  const files = new core.v1.ConfigMap(`${name}-${sample}`, { metadata, data }, inside);
  new core.v1.Service(
    `${name}-${sample}`,
    {
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: { ...args.service, selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
    inside,
  );
  new policy.v1.PodDisruptionBudget(
    `${name}-${sample}`,
    { metadata, spec: { ...args.disruption, selector: { matchLabels: labels } } },
    inside,
  );
  return new apps.v1.Deployment(
    `${name}-${sample}`,
    {
      metadata,
      spec: {
        replicas,
        strategy: { type: "RollingUpdate", rollingUpdate: strategy },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { "ha-kubernetes/config": fingerprint(data) } },
          spec: {
            ...args.placement,
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 30,
            containers: [nginxContainer(args.image)],
            volumes: nginxVolumes(sample),
          },
        },
      },
    },
    {
      ...inside,
      dependsOn: [files, ...args.after],
      ...(args.scaled === true && { ignoreChanges: ["spec.replicas"] }),
    },
  );
}
