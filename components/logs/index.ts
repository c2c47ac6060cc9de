export { Logs, type LogsArgs } from "./logs";
export { logTargets, lokiAddress } from "./names";
