import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec, HostSpec } from "../spec/types";
import { certificateAuthority, issue, signingKey, type ExistingCa, type KeyPair } from "./certificates";
import { kubeconfig } from "./kubeconfig";

/** Arguments of {@link Pki}. */
export interface PkiArgs {
  /** The checked cluster. */
  cluster: ClusterSpec;
  /** The operator's own CA of the cluster; made by default. */
  clusterCa?: ExistingCa;
  /** The operator's own CA of the aggregation layer; made by default. */
  frontProxyCa?: ExistingCa;
  /** The operator's own CA of etcd, apart from the cluster's; made by default. */
  etcdCa?: ExistingCa;
}

/** Server and peer certificate of one etcd member. */
export interface EtcdMemberCertificates {
  server: KeyPair;
  peer: KeyPair;
}

/** Every CA and every certificate that isn't made on the host which uses it. */
export class Pki extends pulumi.ComponentResource {
  /** CA of the API and the kubelets. */
  readonly clusterCa: KeyPair;
  /** CA of the aggregation layer. */
  readonly frontProxyCa: KeyPair;
  /** CA of etcd's servers, peers and clients. */
  readonly etcdCa: KeyPair;
  /** Signs service account tokens. */
  readonly serviceAccounts: { publicPem: pulumi.Output<string>; keyPem: pulumi.Output<string> };
  /** The API servers' client certificate for etcd. */
  readonly apiserverEtcdClient: KeyPair;
  /** Client certificate for etcdctl on the etcd hosts. */
  readonly etcdAdmin: KeyPair;
  /** Client certificate that may mint and revoke join tokens, and nothing else. */
  readonly joiner: KeyPair;
  /** kubeconfig of the cluster's administrator, through the endpoint. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Short fingerprint of the cluster CA: hosts tell by it this cluster from an earlier one. */
  readonly clusterId: pulumi.Output<string>;
  private readonly members: ReadonlyMap<string, EtcdMemberCertificates>;

  constructor(name: string, args: PkiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:Pki", name, {}, opts);
    const { cluster } = args;
    const ca = (part: string, commonName: string, existing?: ExistingCa) =>
      certificateAuthority(`${name}-${part}`, commonName, this, existing);
    this.clusterCa = ca("ca", "kubernetes", args.clusterCa);
    this.frontProxyCa = ca("front-proxy-ca", "front-proxy-ca", args.frontProxyCa);
    this.etcdCa = ca("etcd-ca", "etcd-ca", args.etcdCa);
    this.serviceAccounts = signingKey(`${name}-sa`, this);

    const client = (
      part: string,
      issuer: KeyPair,
      commonName: string,
      more: { organization?: string; small?: boolean } = {},
    ) => issue(`${name}-${part}`, issuer, { commonName, uses: ["client"], ...more }, this);
    this.apiserverEtcdClient = client("apiserver-etcd-client", this.etcdCa, "kube-apiserver-etcd-client");
    this.etcdAdmin = client("etcd-admin", this.etcdCa, "etcd-admin");
    this.joiner = client("joiner", this.clusterCa, "ha-kubernetes:joiner", { small: true });
    // kubeadm binds this group to cluster-admin; unlike system:masters it can be revoked.
    const admin = client("admin", this.clusterCa, "kubernetes-admin", {
      organization: "kubeadm:cluster-admins",
    });
    this.members = new Map(cluster.hosts.etcd.map((host) => [host.name, this.issueMember(name, host)]));

    this.kubeconfig = kubeconfig(cluster, this.clusterCa.certPem, admin);
    this.clusterId = this.clusterCa.certPem.apply((pem) =>
      createHash("sha256").update(pem).digest("hex").slice(0, 16),
    );
    this.registerOutputs({ clusterId: this.clusterId });
  }

  /** Certificates of one member of external etcd. */
  member(host: HostSpec): EtcdMemberCertificates {
    const found = this.members.get(host.name);
    if (!found) throw new Error(`${host.name} is not an etcd host of this cluster`);
    return found;
  }

  /** Both uses in both: peers dial each other, and etcd's own gateway dials its server. */
  private issueMember(name: string, host: HostSpec): EtcdMemberCertificates {
    const make = (kind: string) =>
      issue(
        `${name}-etcd-${kind}-${host.name}`,
        this.etcdCa,
        {
          commonName: host.name,
          dnsNames: [host.name, "localhost"],
          ipAddresses: [host.address, "127.0.0.1"],
          uses: ["server", "client"],
        },
        this,
      );
    return { server: make("server"), peer: make("peer") };
  }
}
