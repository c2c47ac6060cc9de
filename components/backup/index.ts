export { backupTargets } from "./names";
export * from "./workloadBackup";
