export * from "./clusterChecks";
export * from "./findings";
export * from "./scripts";
