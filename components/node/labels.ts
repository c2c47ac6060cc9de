import type { HostSpec } from "../spec/types";

/**
 * Labels that the kubelet gives its own node. The zone has a well-known label; the rack has one of our own,
 * because NodeRestriction refuses a kubelet topology.kubernetes.io/rack.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
 */
export function nodeLabels(host: HostSpec): string {
  return [
    host.zone && `topology.kubernetes.io/zone=${host.zone}`,
    host.rack && `ha-kubernetes.io/rack=${host.rack}`,
  ]
    .filter(Boolean)
    .join(",");
}
