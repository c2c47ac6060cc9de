import { CLUSTER_RULES } from "./cluster";
import { STORAGE_RULES } from "./storage";
import { WORKLOAD_RULES } from "./workloads";
import type { Rule } from "./rule";

/** Every rule of the pack. */
export const RULES: readonly Rule[] = [...CLUSTER_RULES, ...WORKLOAD_RULES, ...STORAGE_RULES];
