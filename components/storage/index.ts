export { CEPH_NAMESPACE, CEPH_SECRET, cephSecret } from "./ceph";
export { cephCsiValues, type CephCsiValues } from "./cephValues";
export * from "./classes";
export * from "./localPath";
export { NFS_NAMESPACE } from "./nfs";
export { NFS_CSI_VALUES, type NfsCsiValues } from "./nfsValues";
export * from "./storage";
