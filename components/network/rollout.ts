import type { ProfileName } from "../spec/types";

/**
 * Nodes whose network pods may be replaced at the same time: one by one on a small site, where one is already a third of the
 * workers; a tenth of larger ones, or an update of 500 nodes takes hours.
 */
export function maxUnavailableNodes(profile: ProfileName): number | string {
  return profile === "small" ? 1 : "10%";
}
