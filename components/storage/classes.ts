import type { CephSpec, NfsSpec, StorageSpec } from "../spec/types";
import { CEPH_NAMESPACE, CEPH_SECRET } from "./ceph";
import { LOCAL_PATH_PROVISIONER } from "./localPath";

/** A class without its name. */
interface Kind {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly provisioner: string;
  readonly parameters?: Record<string, string>;
  readonly mountOptions?: string[];
  readonly volumeBindingMode: "Immediate" | "WaitForFirstConsumer";
  readonly reclaimPolicy: "Delete" | "Retain";
  readonly allowVolumeExpansion?: boolean;
}

/** A class as the API takes it. */
export interface StorageClassManifest extends Omit<Kind, "annotations"> {
  readonly metadata: { readonly name: string; readonly annotations: Record<string, string> };
}

/** Every class of a cluster: one for each kind of volume that is on, and the one for what wants a fast disk. */
export function storageClasses(storage: StorageSpec): StorageClassManifest[] {
  const { defaultClass } = storage;
  const ceph = storage.ceph && cephKind(storage.ceph);
  const local = storage.localPath.enabled ? LOCAL : undefined;
  const kinds: [string, Kind | undefined][] = [
    ["ceph-rbd-ssd", ceph],
    ["local-path", local],
    ["fast-ssd", ceph ?? local],
    ["nfs-client", storage.nfs && nfsKind(storage.nfs)],
  ];
  return kinds.flatMap(([name, kind]) => {
    if (kind === undefined) return [];
    const { annotations, ...rest } = kind;
    const isDefault = String(name === defaultClass);
    return [
      {
        metadata: {
          name,
          annotations: { ...annotations, "storageclass.kubernetes.io/is-default-class": isDefault },
        },
        ...rest,
      },
    ];
  });
}

const LOCAL: Kind = {
  // Volumes of type hostPath have no usage statistics, no ownership by group, and no file backup.
  annotations: { defaultVolumeType: "local" },
  provisioner: LOCAL_PATH_PROVISIONER,
  // The node is chosen by the scheduler, which knows where the pod fits.
  volumeBindingMode: "WaitForFirstConsumer",
  reclaimPolicy: "Delete",
};

/**
 * Block devices of a pool, one for each claim.
 *
 * @see https://github.com/ceph/ceph-csi/blob/v3.17.1/docs/rbd/deploy.md
 */
function cephKind({ clusterId, pool }: CephSpec): Kind {
  const secrets = ["provisioner", "controller-expand", "node-stage"].flatMap((step) => [
    [`csi.storage.k8s.io/${step}-secret-name`, CEPH_SECRET],
    [`csi.storage.k8s.io/${step}-secret-namespace`, CEPH_NAMESPACE],
  ]);
  return {
    provisioner: "rbd.csi.ceph.com",
    parameters: {
      clusterID: clusterId,
      pool,
      // The one that every kernel's client knows.
      imageFeatures: "layering",
      ...(Object.fromEntries(secrets) as Record<string, string>),
      "csi.storage.k8s.io/fstype": "ext4",
    },
    volumeBindingMode: "WaitForFirstConsumer",
    // Outside of the cluster the data outlives a claim that was deleted by mistake.
    reclaimPolicy: "Retain",
    allowVolumeExpansion: true,
  };
}

/**
 * Folders of an export, one for each claim, named as the volume.
 *
 * @see https://github.com/kubernetes-csi/csi-driver-nfs/blob/v4.13.4/docs/driver-parameters.md
 */
function nfsKind({ server, share, mountOptions }: NfsSpec): Kind {
  return {
    provisioner: "nfs.csi.k8s.io",
    // The driver deletes nothing: a volume whose policy was changed to Delete leaves its folder as archived-NAME.
    parameters: { server, share, onDelete: "archive" },
    mountOptions: [...mountOptions],
    // Every node reaches it alike.
    volumeBindingMode: "Immediate",
    reclaimPolicy: "Retain",
    allowVolumeExpansion: true,
  };
}
