import * as pulumi from "@pulumi/pulumi";
import { EtcdCluster, parseCluster, Pki } from "ha-kubernetes";

// The same object as in a stack of ha-kubernetes; parseCluster checks it and fills every default in.
const cluster = parseCluster(new pulumi.Config().requireObject("cluster"));

const pki = new Pki("store-pki", { cluster });
const etcd = new EtcdCluster("store", { cluster, pki });

export const endpoints = etcd.endpoints;
export const metrics = etcd.scrapeTargets;
export const ca = pki.etcdCa.certPem;
