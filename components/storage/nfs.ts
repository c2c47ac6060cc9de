import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { chartOf, helmRelease, usableChart, type ChartFile } from "../charts";
import { NFS_CSI_VALUES } from "./nfsValues";

/** Namespace of the NFS CSI driver. */
export const NFS_NAMESPACE = "csi-driver-nfs";

/** Installs the driver of an NFS server's folders by upstream's chart. */
export function nfs(
  name: string,
  chart: ChartFile | undefined,
  after: pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const file = usableChart(chartOf("csi-driver-nfs"), chart, opts.parent);
  const namespace = new kubernetes.core.v1.Namespace(
    `${name}-nfs-csi`,
    {
      metadata: {
        name: NFS_NAMESPACE,
        // Its pods mount on the node.
        labels: { "pod-security.kubernetes.io/enforce": "privileged" },
      },
    },
    opts,
  );
  if (file === undefined) return [namespace];
  const release = helmRelease(
    `${name}-nfs-csi`,
    { name: "csi-driver-nfs", chart: file, namespace: NFS_NAMESPACE, values: NFS_CSI_VALUES },
    { ...opts, dependsOn: [namespace, ...after] },
  );
  return [release];
}
