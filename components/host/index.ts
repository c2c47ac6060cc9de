export * from "./quote";
export * from "./remoteHost";
export * from "./roleScript";
export * from "./script";
