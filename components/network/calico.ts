import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec } from "../spec/types";
import { calicoValues } from "./calicoValues";
import { ChartError, verifyChart, type CalicoChart, type VerifiedChart } from "./chartFile";

/** Namespace of the operator; upstream's chart is made for this one. Calico itself goes to calico-system. */
const NAMESPACE = "tigera-operator";

/**
 * Installs Calico by upstream's chart: the operator, and what it is to install.
 *
 * As one Helm release, not as a `Chart`: a `Chart` asks the cluster while it previews, so that a preview of a living stack fails
 * where no host can be reached, and keeps thirty CRDs in the state, which the engine writes whole at every step.
 * The CRDs are brought up to date by the operator itself (the chart's `manageCRDs`).
 */
export function calico(
  name: string,
  cluster: ClusterSpec,
  chart: CalicoChart | undefined,
  opts: pulumi.CustomResourceOptions,
): void {
  const file = usableChart(cluster.versions.calico, chart, opts.parent);
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
  new kubernetes.helm.v3.Release(
    `${name}-calico`,
    {
      name: "calico",
      chart: file.path,
      namespace: NAMESPACE,
      values: calicoValues(cluster),
      // Makes a chart with other content an update, and `helm history` say which one it was.
      description: `sha256:${file.sha256}`,
      // The operator reports later than the chart's objects; the checks judge the network at the end.
      skipAwait: true,
    },
    { ...opts, dependsOn: [namespace] },
  );
}

/** A preview may lack the file (a pull request's, an example's): it then says what it does not show. */
function usableChart(
  version: string,
  chart: CalicoChart | undefined,
  resource: pulumi.Resource | undefined,
): VerifiedChart | undefined {
  try {
    return verifyChart(version, chart);
  } catch (error) {
    if (!(error instanceof ChartError) || !pulumi.runtime.isDryRun()) throw error;
    void pulumi.log.warn(
      `${error.message} Until then this preview leaves Calico out; a line that deletes it means only that.`,
      resource,
    );
    return undefined;
  }
}
