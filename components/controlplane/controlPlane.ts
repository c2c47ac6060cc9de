import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { CHECK_SCRIPTS } from "../checks/scripts";
import { METRICS_PORT } from "../etcd/config";
import { firewallFiles, RemoteHost, roleScript, shellFile } from "../host";
import { nodeFiles } from "../node/files";
import { nodeLabels } from "../node/labels";
import { NODE_SCRIPTS } from "../node/scripts";
import type { Pki } from "../pki/pki";
import type { ClusterSpec } from "../spec/types";
import { ADMISSION, AUDIT_POLICY, AUTHENTICATION, encryptionConfig } from "./apiFiles";
import { APPROVER_UNIT, BOOTSTRAP_OBJECTS, COREDNS_PATCH } from "./bootstrap";
import { initConfig, masterJoinConfig } from "./kubeadm";

/** Arguments of {@link ControlPlane}. */
export interface ControlPlaneArgs {
  /** The checked cluster; its `hosts.masters` become the control plane. */
  cluster: ClusterSpec;
  /** CAs, the service accounts' key and the API servers' client certificate for etcd. */
  pki: Pki;
  /** Private ssh key; absent: the agent of SSH_AUTH_SOCK. */
  privateKey?: pulumi.Input<string>;
  /** What must stand before kubeadm begins: external etcd and the load balancers. */
  after: pulumi.Resource[];
}

/**
 * The masters, by kubeadm. The first one begins the cluster if none answers; after that none is special.
 * With external etcd the others join together; stacked members join one after the other, as etcd's learners must.
 */
export class ControlPlane extends pulumi.ComponentResource {
  /** What to depend on for an API that answers through the endpoint: the first master. */
  readonly api: pulumi.Resource[];
  /** What to depend on for all masters. */
  readonly ready: pulumi.Resource[];
  /** The masters' hosts by name, for steps that run on one of them. */
  readonly hosts: ReadonlyMap<string, RemoteHost>;

  constructor(name: string, args: ControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:ControlPlane", name, {}, opts);
    const { cluster, pki } = args;
    const script = masterScript(name, cluster, this);
    // A password of 32 characters is the 32-byte key: RandomBytes would leave its secret in clear as the resource's id.
    const encryption = new random.RandomPassword(
      `${name}-encryption`,
      { length: 32, special: false },
      { parent: this },
    );
    const key = encryption.result.apply((password) => Buffer.from(password, "ascii").toString("base64"));
    const secrets = secretsOf(cluster, pki, key);
    const hosts = new Map<string, RemoteHost>();
    const built: pulumi.Resource[] = [];
    for (const host of cluster.hosts.masters) {
      const remote = new RemoteHost(
        `${name}-${host.name}`,
        { host, privateKey: args.privateKey, script },
        { parent: this },
      );
      const prepared = remote.step({
        phase: "prepare",
        parameters: { cluster: pki.clusterId },
        onDelete: "wipe",
      });
      const first = built[0];
      const before = cluster.topology === "stacked" ? built.at(-1) : first;
      const others = cluster.hosts.masters.filter((other) => other !== host).map((other) => other.address);
      built.push(
        remote.step(
          {
            phase: "kubeadm",
            parameters: {
              first: String(first === undefined),
              labels: nodeLabels(host),
              others: others.join(","),
            },
            secrets,
          },
          { dependsOn: [prepared, ...args.after, ...(before ? [before] : [])] },
        ),
      );
      hosts.set(host.name, remote);
    }
    this.api = built.slice(0, 1);
    this.ready = built;
    this.hosts = hosts;
    this.registerOutputs();
  }
}

function masterScript(name: string, cluster: ClusterSpec, parent: pulumi.Resource) {
  const scripts = join(__dirname, "scripts");
  return roleScript(
    `${name}-script`,
    cluster,
    {
      role: "master",
      variables: {
        ENDPOINT: `${cluster.endpoint.address}:${cluster.endpoint.port}`,
        PREFERRED_LB: cluster.loadBalancer.nopreempt ? "" : (cluster.hosts.loadBalancers[0]?.address ?? ""),
        ETCD_FSYNC_P99_MS: String(cluster.etcd.fsyncP99Ms),
        ETCD_ENDPOINTS: cluster.hosts.etcd.map((host) => `https://${host.address}:2379`).join(","),
      },
      files: {
        ...nodeFiles(cluster),
        // kubeadm's etcd serves its metrics on every address.
        ...(cluster.topology === "stacked" && firewallFiles(cluster, { ports: [METRICS_PORT] })),
        "kubeadm-init.yaml": initConfig(cluster),
        "kubeadm-join.yaml": masterJoinConfig(cluster),
        "audit-policy.yaml": AUDIT_POLICY,
        "authentication.yaml": AUTHENTICATION,
        "admission.yaml": ADMISSION,
        "bootstrap.yaml": BOOTSTRAP_OBJECTS,
        "coredns.yaml": COREDNS_PATCH,
        "approver.service": APPROVER_UNIT,
        reserved: reservedWords(cluster),
        "approver.sh": shellFile(join(scripts, "approver.sh")),
      },
      shell: [...NODE_SCRIPTS, join(scripts, "master.sh"), ...CHECK_SCRIPTS],
    },
    parent,
  );
}

/** Names and addresses that no node may have in its certificate, one a line, and the service network. */
function reservedWords({ endpoint, hosts, controlPlane, network }: ClusterSpec): string {
  const others = [...hosts.loadBalancers, ...hosts.etcd].flatMap(({ name, address }) => [name, address]);
  const words = [endpoint.address, endpoint.dnsName, ...controlPlane.extraSans, ...others];
  return [...words, `services ${network.serviceCidr}`].join("\n");
}

/** Everything that all masters share; kubeadm makes the leaves from it on each host. */
function secretsOf(
  cluster: ClusterSpec,
  pki: Pki,
  encryptionKey: pulumi.Output<string>,
): Record<string, pulumi.Input<string>> {
  const at = (file: string) => `/etc/kubernetes/pki/${file}`;
  const external = cluster.topology === "external";
  return {
    [at("ca.crt")]: pki.clusterCa.certPem,
    [at("ca.key")]: pki.clusterCa.keyPem,
    [at("front-proxy-ca.crt")]: pki.frontProxyCa.certPem,
    [at("front-proxy-ca.key")]: pki.frontProxyCa.keyPem,
    [at("sa.pub")]: pki.serviceAccounts.publicPem,
    [at("sa.key")]: pki.serviceAccounts.keyPem,
    [at("etcd/ca.crt")]: pki.etcdCa.certPem,
    ...(external
      ? {
          [at("apiserver-etcd-client.crt")]: pki.apiserverEtcdClient.certPem,
          [at("apiserver-etcd-client.key")]: pki.apiserverEtcdClient.keyPem,
        }
      : { [at("etcd/ca.key")]: pki.etcdCa.keyPem }),
    "/etc/kubernetes/ha/encryption.yaml": encryptionKey.apply(encryptionConfig),
  };
}
