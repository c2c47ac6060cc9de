import type { types } from "@pulumi/kubernetes";

/**
 * Security of a container that fits the restricted Pod Security level, with a root filesystem that nobody writes to.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export const RESTRICTED: types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** The user that an image without a user of its own runs as: nobody. */
export const NOBODY = 65534;

/** Replicas of these labels on hosts of their own where there are enough, never waiting for one. */
export function spreadOverHosts(matchLabels: Record<string, string>): types.input.core.v1.Affinity {
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels } },
        },
      ],
    },
  };
}

/** Replicas of these labels on hosts of their own, or not at all: a second one beside the first would be lost with it. */
export function apartByHost(matchLabels: Record<string, string>): types.input.core.v1.Affinity {
  return {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels } },
      ],
    },
  };
}

/**
 * Seconds that a pod that is to end goes on answering, until no node sends it anybody any more. A node hears of it within a second, but
 * with 5 a request in 5000 had no answer where two processors had a load of 30, with 15 none (lab, 2026-11-27).
 */
export const DRAIN_SECONDS = 15;

/**
 * How long a program is silent before the kubelet ends it: a minute, each look with 5 s for an answer. With the kubelet's own 1 s and
 * three looks a host without a free processor ended programs that waited for their turn, and their new starts made it busier
 * (lab, 2026-11-28: twelve restarts in one build).
 */
export const PATIENCE = { periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 };

/** Affinity of what runs on workers only, also where it tolerates every taint. */
export const OFF_MASTERS = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: "node-role.kubernetes.io/control-plane", operator: "DoesNotExist" as const },
          ],
        },
      ],
    },
  },
};
