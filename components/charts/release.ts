import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ChartError, verifyChart, type ChartFile, type VerifiedChart } from "./chartFile";
import { chartOf, type Chart, type ChartName } from "./charts";

/** Arguments of {@link helmRelease}. */
export interface HelmReleaseArgs {
  /** Name of the release in the cluster. */
  readonly name: string;
  readonly chart: VerifiedChart;
  readonly namespace: string;
  /** What is set of the chart's values; everything else stays as upstream has it. */
  readonly values: object;
}

/**
 * Installs a chart as one Helm release, and waits for none of its pods.
 *
 * Not as a `Chart`: a `Chart` asks the cluster while it previews, so that a preview of a living stack fails where no host
 * can be reached, and keeps every object of the chart in the state, which the engine writes whole at every step.
 */
export function helmRelease(
  resource: string,
  { name, chart, namespace, values }: HelmReleaseArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new kubernetes.helm.v3.Release(
    resource,
    {
      name,
      chart: chart.path,
      namespace,
      values: { ...values },
      // Makes a chart with other content an update, and `helm history` say which one it was.
      description: `sha256:${chart.sha256}`,
      // A node that is down must not hold up the rest.
      skipAwait: true,
    },
    opts,
  );
}

/** Refuses an `up` that lacks any of these charts, all of them at once: asked before anything is made. */
export function requireCharts(files: Partial<Record<ChartName, ChartFile | undefined>>): void {
  if (pulumi.runtime.isDryRun()) return;
  const problems = Object.entries(files).flatMap(([name, file]) => {
    try {
      verifyChart(chartOf(name as ChartName), file);
      return [];
    } catch (error) {
      if (!(error instanceof ChartError)) throw error;
      return [error.message];
    }
  });
  if (problems.length > 0) throw new ChartError(problems.join("\n"));
}

/** A chart's file; a preview may lack it (a pull request's, an example's): it then says what it does not show. */
export function usableChart(
  chart: Chart,
  file: ChartFile | undefined,
  resource: pulumi.Resource | undefined,
): VerifiedChart | undefined {
  try {
    return verifyChart(chart, file);
  } catch (error) {
    if (!(error instanceof ChartError) || !pulumi.runtime.isDryRun()) throw error;
    void pulumi.log.warn(
      `${error.message} Until then this preview leaves ${chart.title} out; a line that deletes it means only that.`,
      resource,
    );
    return undefined;
  }
}
