import type { ClusterConfig } from "./schema";
import type { Draft } from "./shape";
import type { Problem } from "./types";
import { duplicates, endpoint, networks } from "./rules/addresses";
import { artifacts } from "./rules/artifacts";
import { backup } from "./rules/backup";
import { counts, loadBalancers } from "./rules/counts";
import { factsOf, type Rule } from "./rules/facts";
import { logs } from "./rules/logs";
import { monitoring } from "./rules/monitoring";
import { networkChoices, networkSizes } from "./rules/network";
import { capacity, placement } from "./rules/placement";
import { samples } from "./rules/samples";
import { storage } from "./rules/storage";

/** Every rule across sections, in the order in which their findings are printed. */
const RULES: readonly Rule[] = [
  counts,
  loadBalancers,
  duplicates,
  endpoint,
  networks,
  networkSizes,
  networkChoices,
  placement,
  capacity,
  artifacts,
  storage,
  monitoring,
  logs,
  samples,
  backup,
];

/** What the rules found: `problems` stop the build, `warnings` don't. */
export interface Verdict {
  readonly problems: Problem[];
  readonly warnings: Problem[];
}

/** Judges what lies across sections; parts that the shape could not read are passed over. */
export function validate(config: Draft<ClusterConfig>, existing: boolean): Verdict {
  const facts = factsOf(config, existing);
  const verdict: Verdict = { problems: [], warnings: [] };
  for (const rule of RULES) {
    for (const { severity, ...found } of rule(facts)) {
      (severity === "problem" ? verdict.problems : verdict.warnings).push(found);
    }
  }
  return verdict;
}
