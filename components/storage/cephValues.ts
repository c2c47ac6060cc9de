import type { CephSpec } from "../spec/types";

/** Two: one may be lost, and the other is elected; each wants a worker of its own, of which there are three. */
const REPLICAS = 2;

/** Values of the chart ceph-csi-rbd that we set; everything else stays as upstream has it. */
export interface CephCsiValues {
  /** The clusters that it knows. */
  readonly csiConfig: readonly { readonly clusterID: string; readonly monitors: readonly string[] }[];
  readonly nodeplugin: {
    readonly httpMetrics: { readonly enabled: boolean; readonly service: { readonly enabled: boolean } };
  };
  readonly provisioner: { readonly replicaCount: number; readonly priorityClassName: string };
  readonly storageClass: { readonly create: boolean };
  readonly secret: { readonly create: boolean };
}

/**
 * The values of the Ceph CSI driver's chart.
 *
 * @see https://github.com/ceph/ceph-csi/blob/v3.17.1/charts/ceph-csi-rbd/README.md
 */
export function cephCsiValues({ clusterId, monitors }: CephSpec): CephCsiValues {
  return {
    csiConfig: [{ clusterID: clusterId, monitors }],
    // It would take port 8080 of every worker's own address, and nobody asks there.
    nodeplugin: { httpMetrics: { enabled: false, service: { enabled: false } } },
    // Pods that wait for a volume wait for it.
    provisioner: { replicaCount: REPLICAS, priorityClassName: "system-cluster-critical" },
    // Both are objects of ours: the chart's values are kept in clear in the cluster.
    storageClass: { create: false },
    secret: { create: false },
  };
}
