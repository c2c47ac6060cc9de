export { firewallFiles } from "./firewall";
export { hostExporters, hostTargets } from "./metrics";
export * from "./quote";
export * from "./remoteHost";
export * from "./role";
export * from "./roleScript";
export * from "./script";
