/** Everything that another Pulumi program may use. */
export * from "./cluster";
export * from "./backup";
export * from "./charts";
export * from "./checks";
export * from "./controlplane/controlPlane";
export * from "./etcd/etcdCluster";
export * from "./host";
export * from "./loadbalancer/loadBalancerPair";
export * from "./logs";
export * from "./monitoring";
export * from "./network";
export * from "./pki/certificates";
export * from "./pki/pki";
export * from "./samples";
export * from "./spec";
export * from "./storage";
export * from "./workers/workers";
