export * from "./localPath";
export * from "./storage";
