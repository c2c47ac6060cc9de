export * from "./findings";
export * from "./scripts";
