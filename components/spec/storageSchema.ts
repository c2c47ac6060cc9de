import { z } from "zod";
import { about, text } from "./fields";
import {
  checkCephName,
  checkCephUser,
  checkFsid,
  checkAddressOrName,
  checkHostAndPort,
  checkMountOption,
  checkSecretName,
  checkShare,
} from "./names";
import { DEFAULT_CEPH_USER, DEFAULT_NFS_OPTIONS } from "./profiles";

/** Volumes of a Ceph cluster that there is already. */
export const ceph = z
  .strictObject({
    clusterId: text(checkFsid).meta(about("Its fsid, as `ceph fsid` prints it.")),
    monitors: z
      .array(text((value) => checkHostAndPort(value, "192.168.10.51:6789")))
      .min(1)
      .meta(about("Its monitors, host:port with the port of messenger v1.")),
    pool: text(checkCephName).meta(about("Pool of block devices (RBD) in which volumes are made.")),
    user: text(checkCephUser)
      .default(DEFAULT_CEPH_USER)
      .meta(about("Ceph user that makes and maps them, without `client.` before it.")),
    keySecret: text((value) => checkSecretName(value, "cephKey")).meta(
      about("Name of the secret config key that holds the user's key."),
    ),
  })
  .optional()
  .meta(about("Class `ceph-rbd-ssd`: volumes of a Ceph cluster of yours.", "none"));

/** Folders of an NFS server that there is already. */
export const nfs = z
  .strictObject({
    server: text(checkAddressOrName).meta(about("Address or name of the NFS server.")),
    share: text(checkShare).meta(about("Exported path, in which each volume is a folder.")),
    mountOptions: z
      .array(text(checkMountOption))
      .default([...DEFAULT_NFS_OPTIONS])
      .meta(about("Options of the mounts.")),
  })
  .optional()
  .meta(about("Class `nfs-client`: folders of an NFS server of yours, for many pods at once.", "none"));
