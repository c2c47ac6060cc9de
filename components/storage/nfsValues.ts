import { OFF_MASTERS } from "../objects/pods";
/** Two: one may be lost, and the other is elected. */
const REPLICAS = 2;

/** Values of the chart csi-driver-nfs that we set; everything else stays as upstream has it. */
export interface NfsCsiValues {
  readonly kubeletDir: string;
  readonly controller: {
    readonly replicas: number;
    readonly enableSnapshotter: boolean;
    /** Affinity as a pod has it; the chart takes it only with `nodeSelectorTerms` in it. */
    readonly affinity: {
      readonly nodeAffinity: typeof OFF_MASTERS.nodeAffinity;
      readonly podAntiAffinity: {
        readonly requiredDuringSchedulingIgnoredDuringExecution: readonly {
          readonly topologyKey: string;
          readonly labelSelector: { readonly matchLabels: Readonly<Record<string, string>> };
        }[];
      };
    };
  };
  readonly storageClass: { readonly create: boolean };
}

/**
 * The values of the NFS CSI driver's chart, the same for every cluster.
 *
 * @see https://github.com/kubernetes-csi/csi-driver-nfs/blob/v4.13.4/charts/README.md
 */
export const NFS_CSI_VALUES: NfsCsiValues = {
  kubeletDir: "/var/lib/kubelet",
  controller: {
    replicas: REPLICAS,
    // Nothing here takes snapshots yet.
    enableSnapshotter: false,
    affinity: {
      // It mounts the share itself: workers reach it in any case, masters need not.
      ...OFF_MASTERS,
      // They serve their health on the same port of their node's own address: two on one node would never be well.
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: "kubernetes.io/hostname",
            labelSelector: { matchLabels: { app: "csi-nfs-controller" } },
          },
        ],
      },
    },
  },
  // It is an object of ours.
  storageClass: { create: false },
};
