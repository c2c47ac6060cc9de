export { receiverSecretNames } from "./alertmanagerConfig";
export * from "./dashboards";
export * from "./metricsServer";
export * from "./monitoring";
