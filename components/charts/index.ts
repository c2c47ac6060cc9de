export { ChartError, verifyChart, type ChartFile, type VerifiedChart } from "./chartFile";
export { chartOf, type Chart, type ChartName } from "./charts";
export { helmRelease, requireCharts, usableChart, type HelmReleaseArgs } from "./release";
