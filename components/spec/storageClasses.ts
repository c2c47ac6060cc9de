import type { StorageClassName, StorageSpec } from "./types";

/** What of a storage config decides which classes there are; parts that can't be read count as on. */
export interface StorageChoice {
  readonly ceph?: object | undefined;
  readonly localPath?: { readonly enabled?: boolean | undefined } | undefined;
  readonly nfs?: object | undefined;
}

/** Classes that are on; the first one is the default unless the config names another. */
export function classesOn({ ceph, localPath, nfs }: StorageChoice): StorageClassName[] {
  return [
    ...(ceph === undefined ? [] : (["ceph-rbd-ssd"] as const)),
    ...(localPath?.enabled === false ? [] : (["local-path"] as const)),
    ...(nfs === undefined ? [] : (["nfs-client"] as const)),
  ];
}

/**
 * Class of a database's volumes, where the default one won't do: Prometheus corrupts its samples on NFS.
 *
 * @see https://prometheus.io/docs/prometheus/latest/storage/#local-storage
 */
export function databaseClass(storage: StorageSpec): "fast-ssd" | undefined {
  const fast = storage.ceph !== undefined || storage.localPath.enabled;
  return storage.defaultClass === "nfs-client" && fast ? "fast-ssd" : undefined;
}
