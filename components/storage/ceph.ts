import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { chartOf, helmRelease, usableChart, type ChartFile } from "../charts";
import { namedSecret, type NamedSecrets } from "../objects/secrets";
import type { CephSpec } from "../spec/types";
import { cephCsiValues } from "./cephValues";

/** Namespace of the Ceph CSI driver; upstream's own name. */
export const CEPH_NAMESPACE = "ceph-csi-rbd";

/** Name of the Secret that its class names; upstream's own too. */
export const CEPH_SECRET = "csi-rbd-secret";

/** Arguments of {@link ceph}. */
export interface CephArgs {
  readonly ceph: CephSpec;
  readonly secrets: NamedSecrets | undefined;
  /** The driver's chart on this machine. */
  readonly chart: ChartFile | undefined;
  readonly after: pulumi.Resource[];
}

/** Installs the driver of a Ceph cluster's block devices by upstream's chart, and the key that it uses. */
export function ceph(
  name: string,
  { ceph: spec, secrets, chart, after }: CephArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const key = namedSecret(secrets, spec.keySecret, "storage.ceph");
  const file = usableChart(chartOf("ceph-csi-rbd"), chart, opts.parent);
  const namespace = new kubernetes.core.v1.Namespace(
    `${name}-ceph-csi`,
    {
      metadata: {
        name: CEPH_NAMESPACE,
        // Its pods map devices of the node.
        labels: { "pod-security.kubernetes.io/enforce": "privileged" },
      },
    },
    opts,
  );
  const inside = { ...opts, dependsOn: [namespace] };
  const secret = new kubernetes.core.v1.Secret(`${name}-ceph-csi`, cephSecret(spec, key), inside);
  if (file === undefined) return [secret];
  const values = cephCsiValues(spec);
  const release = helmRelease(
    `${name}-ceph-csi`,
    { name: "ceph-csi-rbd", chart: file, namespace: CEPH_NAMESPACE, values },
    { ...inside, dependsOn: [namespace, secret, ...after] },
  );
  return [release];
}

/** The user and its key, as the driver reads them. */
export function cephSecret({ user }: CephSpec, key: pulumi.Input<string>) {
  return {
    metadata: { name: CEPH_SECRET, namespace: CEPH_NAMESPACE },
    stringData: { userID: user, userKey: key },
  };
}
