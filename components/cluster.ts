import * as pulumi from "@pulumi/pulumi";
import * as kubernetes from "@pulumi/kubernetes";
import { requireCharts, type ChartFile } from "./charts";
import { ClusterChecks } from "./checks/clusterChecks";
import { clusterServices } from "./clusterServices";
import { ControlPlane } from "./controlplane/controlPlane";
import { EtcdCluster } from "./etcd/etcdCluster";
import { LoadBalancerPair } from "./loadbalancer/loadBalancerPair";
import { Network } from "./network";
import type { NamedSecrets } from "./objects/secrets";
import { Pki } from "./pki/pki";
import type { ExistingCa } from "./pki/certificates";
import type { ClusterSpec, HostSpec } from "./spec/types";
import { Workers } from "./workers/workers";

/** Arguments of {@link HaCluster}. */
export interface HaClusterArgs {
  /** The checked cluster, as `parseCluster` gives it. */
  cluster: ClusterSpec;
  /** Private ssh key; absent: the agent of SSH_AUTH_SOCK. */
  privateKey?: pulumi.Input<string>;
  /** The operator's own CA of the cluster; made by default. */
  clusterCa?: ExistingCa;
  /** The operator's own CA of the aggregation layer; made by default. */
  frontProxyCa?: ExistingCa;
  /** The operator's own CA of etcd; made by default. */
  etcdCa?: ExistingCa;
  /** What the secret config keys hold that the cluster names, as `secretNames` lists them. */
  secrets?: NamedSecrets;
  /** Calico's chart on this machine; by default the file that `npm run charts` fetches. */
  calicoChart?: ChartFile;
  /** Chart of the Ceph CSI driver on this machine; by default the file that `npm run charts` fetches. */
  cephChart?: ChartFile;
  /** Chart of the NFS CSI driver on this machine; by default the file that `npm run charts` fetches. */
  nfsChart?: ChartFile;
}

/** A highly available Kubernetes cluster on hosts that are reached over ssh. */
export class HaCluster extends pulumi.ComponentResource {
  /** kubeconfig of the administrator, through the endpoint; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Address of the API. */
  readonly endpoint: pulumi.Output<string>;
  /** User "admin"'s password of the load balancers' statistics page; secret, undefined without load balancers of ours. */
  readonly statsPassword: pulumi.Output<string | undefined>;
  /** Password of Grafana's user "admin"; secret, undefined without Grafana. */
  readonly grafanaPassword: pulumi.Output<string> | undefined;
  /** Password of the copies of volumes; secret, undefined without backup. */
  readonly backupRepositoryPassword: pulumi.Output<string> | undefined;
  /** What the checks of the finished cluster found, one finding a line, as `parseFindings` reads them. */
  readonly findings: pulumi.Output<string>;
  /** The cluster's API, for everything that is installed into it. */
  readonly provider: kubernetes.Provider;

  constructor(name: string, args: HaClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:HaCluster", name, shown(args.cluster), opts);
    const { cluster, privateKey, secrets, calicoChart, cephChart, nfsChart } = args;
    requireCharts({
      ...(cluster.network.cni === "calico" && { "tigera-operator": calicoChart }),
      ...(cluster.storage.ceph && { "ceph-csi-rbd": cephChart }),
      ...(cluster.storage.nfs && { "csi-driver-nfs": nfsChart }),
    });
    const hosts = { cluster, privateKey };
    const child = { parent: this };

    const pki = new Pki(`${name}-pki`, args, child);
    const etcd = new EtcdCluster(`${name}-etcd`, { ...hosts, pki }, child);
    const balancers = new LoadBalancerPair(
      `${name}-lb`,
      { ...hosts, clusterId: pki.clusterId, caCertPem: pki.clusterCa.certPem },
      child,
    );
    const before = [...etcd.ready, ...balancers.ready];
    const controlPlane = new ControlPlane(`${name}-master`, { ...hosts, pki, after: before }, child);
    const workers = new Workers(`${name}-worker`, { ...hosts, pki, joinAfter: controlPlane.api }, child);

    this.provider = new kubernetes.Provider(
      `${name}-api`,
      { kubeconfig: pki.kubeconfig, clusterIdentifier: pki.clusterId, enableConfigMapMutable: true },
      { ...child, dependsOn: controlPlane.api },
    );
    const network = new Network(
      `${name}-network`,
      { cluster, calicoChart },
      { ...child, provider: this.provider },
    );
    // They go with the cluster: a `destroy` asks the API for none of them.
    const service = { ...child, provider: this.provider, deletedWith: this.provider };
    const after = [network, ...workers.ready];
    const scrapeTargets = [etcd, balancers, network].flatMap((part) => part.scrapeTargets);
    const services = clusterServices(
      name,
      { cluster, secrets, cephChart, nfsChart, scrapeTargets, after },
      service,
    );
    const checks = new ClusterChecks(
      `${name}-checks`,
      { cluster, controlPlane, after: [network, ...controlPlane.ready, ...workers.ready, ...services.ready] },
      child,
    );

    this.findings = checks.findings;
    this.kubeconfig = pki.kubeconfig;
    this.endpoint = pulumi.output(`https://${cluster.endpoint.address}:${cluster.endpoint.port}`);
    this.grafanaPassword = services.grafanaPassword;
    this.backupRepositoryPassword = services.backupRepositoryPassword;
    this.statsPassword = pulumi.output(balancers.statsPassword);
    this.registerOutputs({ endpoint: this.endpoint, kubeconfig: this.kubeconfig });
  }
}

/** What a plan shows of a cluster, for people and for policies. */
function shown(cluster: ClusterSpec): pulumi.Inputs {
  const { profile, topology, hosts, loadBalancer, storage, monitoring, backup } = cluster;
  const members = (list: readonly HostSpec[]) => list.map(({ name, rack }) => ({ name, rack }));
  return {
    profile,
    topology,
    masters: members(hosts.masters),
    etcd: members(topology === "stacked" ? hosts.masters : hosts.etcd),
    workers: hosts.workers.length,
    loadBalancers: hosts.loadBalancers.length,
    loadBalancerMode: loadBalancer.mode,
    defaultClass: storage.defaultClass,
    monitoring: monitoring.enabled,
    receivers: Object.keys(monitoring.receivers).length,
    backup: backup !== undefined,
  };
}
