import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { chartOf, helmRelease, usableChart, type ChartFile } from "../charts";
import type { ClusterSpec } from "../spec/types";
import { calicoValues } from "./calicoValues";

/** Namespace of the operator; upstream's chart is made for this one. Calico itself goes to calico-system. */
const NAMESPACE = "tigera-operator";

/**
 * Installs Calico by upstream's chart: the operator, and what it is to install.
 * The CRDs are brought up to date by the operator itself (the chart's `manageCRDs`).
 */
export function calico(
  name: string,
  cluster: ClusterSpec,
  chart: ChartFile | undefined,
  opts: pulumi.CustomResourceOptions,
): void {
  const file = usableChart(chartOf("tigera-operator"), chart, opts.parent);
  if (file === undefined) return;
  const namespace = new kubernetes.core.v1.Namespace(
    `${name}-operator`,
    {
      metadata: {
        name: NAMESPACE,
        // The operator runs on the host's network, because it makes the other one.
        labels: { "pod-security.kubernetes.io/enforce": "privileged" },
      },
    },
    opts,
  );
  // The operator reports later than the chart's objects; the checks judge the network at the end.
  helmRelease(
    `${name}-calico`,
    { name: "calico", chart: file, namespace: NAMESPACE, values: calicoValues(cluster) },
    { ...opts, dependsOn: [namespace] },
  );
}
