import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { firewallFiles, hostExporters, hostTargets, RemoteHost, roleScript } from "../host";
import { NODE_EXPORTER_PORT } from "../monitoring/names";
import type { Pki } from "../pki/pki";
import type { ScrapeTarget } from "../spec/scrapeTarget";
import type { ClusterSpec, HostSpec } from "../spec/types";
import { ETCDCTL_ENV, ETCD_PKI, ETCD_UNIT, METRICS_PORT, etcdConfig } from "./config";

/** Arguments of {@link EtcdCluster}. */
export interface EtcdClusterArgs {
  /** The checked cluster; its `hosts.etcd` become the members. */
  cluster: ClusterSpec;
  /** Certificates of the members. */
  pki: Pki;
  /** Private ssh key; absent: the agent of SSH_AUTH_SOCK. */
  privateKey?: pulumi.Input<string>;
}

/** External etcd: one systemd service per host, TLS with client certificates everywhere; up when every member is healthy. */
export class EtcdCluster extends pulumi.ComponentResource {
  /** Client addresses of all members. */
  readonly endpoints: string[];
  /** Metrics addresses, host:port. */
  readonly scrapeTargets: ScrapeTarget[];
  /** What to depend on for a healthy cluster. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: EtcdClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:EtcdCluster", name, {}, opts);
    const { cluster, pki } = args;
    const script = roleScript(
      `${name}-script`,
      cluster,
      {
        role: "etcd",
        variables: { ETCD_FSYNC_P99_MS: String(cluster.etcd.fsyncP99Ms) },
        files: {
          "etcd.yaml": etcdConfig(cluster),
          "etcd.service": ETCD_UNIT,
          "etcdctl.env": ETCDCTL_ENV,
          ...firewallFiles(cluster, { ports: [METRICS_PORT, NODE_EXPORTER_PORT] }),
        },
        shell: [join(__dirname, "scripts/etcd.sh")],
      },
      this,
    );
    const members = cluster.hosts.etcd.map((host) => {
      const remote = new RemoteHost(
        `${name}-${host.name}`,
        { host, privateKey: args.privateKey, script },
        { parent: this },
      );
      const parameters = { cluster: pki.clusterId };
      const installed = remote.step({
        phase: "install",
        parameters,
        secrets: secretsOf(pki, host),
        onDelete: "wipe",
      });
      return { remote, parameters, installed };
    });
    const installed = members.map((member) => member.installed);
    // One after the other: a member with a new config restarts in this step.
    this.ready = members.reduce<pulumi.Resource[]>((earlier, { remote, parameters }) => {
      const dependsOn = [...installed, ...earlier.slice(-1)];
      return [...earlier, remote.step({ phase: "health", parameters }, { dependsOn })];
    }, []);
    this.endpoints = cluster.hosts.etcd.map((host) => `https://${host.address}:2379`);
    this.scrapeTargets = [
      {
        job: "etcd",
        at:
          cluster.topology === "stacked"
            ? { port: METRICS_PORT, nodes: "control-plane" }
            : hostTargets(cluster.hosts.etcd, METRICS_PORT),
      },
      ...hostExporters(cluster, cluster.hosts.etcd),
    ];
    this.registerOutputs({ endpoints: this.endpoints });
  }
}

function secretsOf(pki: Pki, host: HostSpec): Record<string, pulumi.Output<string>> {
  const { server, peer } = pki.member(host);
  return {
    [`${ETCD_PKI}/ca.crt`]: pki.etcdCa.certPem,
    [`${ETCD_PKI}/server.crt`]: server.certPem,
    [`${ETCD_PKI}/server.key`]: server.keyPem,
    [`${ETCD_PKI}/peer.crt`]: peer.certPem,
    [`${ETCD_PKI}/peer.key`]: peer.keyPem,
    [`${ETCD_PKI}/admin.crt`]: pki.etcdAdmin.certPem,
    [`${ETCD_PKI}/admin.key`]: pki.etcdAdmin.keyPem,
  };
}
