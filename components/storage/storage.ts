import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectOptions } from "../objects/objectOptions";
import type { StorageSpec } from "../spec/types";
import { LOCAL_PATH_PROVISIONER, localPath } from "./localPath";

/** Arguments of {@link Storage}. */
export interface StorageArgs {
  /** Which kinds of volumes there are, and where they lie. */
  storage: StorageSpec;
  /** What must stand before: nodes on which the provisioners run. */
  after?: pulumi.Resource[];
}

/** Volumes for the cluster's workloads: provisioners and their classes (give the provider in the options). */
export class Storage extends pulumi.ComponentResource {
  /** What to depend on for claims that are bound. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: StorageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:Storage", name, {}, opts);
    const { storage } = args;
    const child = objectOptions(this, opts);
    this.ready = storage.localPath.enabled
      ? [
          ...localPath(name, storage.localPath.folder, args.after ?? [], child),
          ...localClasses(name, storage, child),
        ]
      : [];
    this.registerOutputs();
  }
}

/** The class of local volumes, and the one for what wants a fast disk, which a node's own is. */
function localClasses(
  name: string,
  { defaultClass }: StorageSpec,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  return ["local-path", "fast-ssd"].map(
    (metadataName) =>
      new kubernetes.storage.v1.StorageClass(
        `${name}-${metadataName}`,
        {
          metadata: {
            name: metadataName,
            annotations: {
              // Volumes of type hostPath have no usage statistics, no ownership by group, and no file backup.
              defaultVolumeType: "local",
              "storageclass.kubernetes.io/is-default-class": String(metadataName === defaultClass),
            },
          },
          provisioner: LOCAL_PATH_PROVISIONER,
          // The node is chosen by the scheduler, which knows where the pod fits.
          volumeBindingMode: "WaitForFirstConsumer",
          reclaimPolicy: "Delete",
        },
        opts,
      ),
  );
}
