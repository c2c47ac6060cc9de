export * from "./metricsServer";
export * from "./monitoring";
