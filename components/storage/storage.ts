import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ChartFile } from "../charts";
import { objectOptions } from "../objects/objectOptions";
import type { NamedSecrets } from "../objects/secrets";
import type { StorageSpec } from "../spec/types";
import { ceph } from "./ceph";
import { storageClasses } from "./classes";
import { localPath } from "./localPath";
import { nfs } from "./nfs";

/** Arguments of {@link Storage}. */
export interface StorageArgs {
  /** Which kinds of volumes there are, and where they lie. */
  storage: StorageSpec;
  /** What the secret config keys hold that `storage.ceph` names. */
  secrets?: NamedSecrets;
  /** Chart of the Ceph CSI driver on this machine; by default the file that `npm run charts` fetches. */
  cephChart?: ChartFile;
  /** Chart of the NFS CSI driver on this machine; by default the file that `npm run charts` fetches. */
  nfsChart?: ChartFile;
  /** What must stand before: nodes on which the provisioners run. */
  after?: pulumi.Resource[];
}

/** Volumes for the cluster's workloads: provisioners and their classes (give the provider in the options). */
export class Storage extends pulumi.ComponentResource {
  /** What to depend on for claims that are bound. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: StorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:Storage", name, {}, opts);
    const { storage, secrets, cephChart, nfsChart, after = [] } = args;
    const child = objectOptions(this, opts);
    this.ready = [
      ...(storage.ceph ? ceph(name, { ceph: storage.ceph, secrets, chart: cephChart, after }, child) : []),
      ...(storage.localPath.enabled ? localPath(name, storage.localPath.folder, after, child) : []),
      ...(storage.nfs ? nfs(name, nfsChart, after, child) : []),
      ...classes(name, storage, child),
    ];
    this.registerOutputs();
  }
}

function classes(name: string, storage: StorageSpec, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  return storageClasses(storage).map(
    ({ metadata, ...args }) =>
      new kubernetes.storage.v1.StorageClass(`${name}-${metadata.name}`, { metadata, ...args }, opts),
  );
}
