export { Logs, type LogsArgs } from "./logs";
export { logTargets } from "./names";
