export * from "./dashboards";
export * from "./metricsServer";
export * from "./monitoring";
export { MONITORING_NAMESPACE } from "./names";
