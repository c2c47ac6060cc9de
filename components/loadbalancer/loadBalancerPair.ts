import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import {
  firewallFiles,
  hostExporters,
  hostTargets,
  RemoteHost,
  roleScript,
  shellFile,
  type RoleScript,
} from "../host";
import { NODE_EXPORTER_PORT } from "../monitoring/names";
import type { ScrapeTarget } from "../spec/scrapeTarget";
import type { ClusterSpec } from "../spec/types";
import { haproxyConfig, STATS_PORT } from "./haproxy";
import { keepalivedConfig, VRRP_RULES, vrrpPriority } from "./keepalived";
import { HAPROXY_DROP_IN, KEEPALIVED_DROP_IN, RUNTIME_FOLDER } from "./units";

/** Arguments of {@link LoadBalancerPair}. */
export interface LoadBalancerPairArgs {
  /** The checked cluster; its `hosts.loadBalancers` become the pair, the first one preferred. */
  cluster: ClusterSpec;
  /** Fingerprint by which a host knows that it belongs to this cluster. */
  clusterId: pulumi.Input<string>;
  /** The cluster CA in PEM, against which HAProxy verifies every API server. */
  caCertPem: pulumi.Input<string>;
  /** Private ssh key; absent: the agent of SSH_AUTH_SOCK. */
  privateKey?: pulumi.Input<string>;
}

/** HAProxy and Keepalived on two hosts with one VIP; with `loadBalancer.mode` external it builds nothing. */
export class LoadBalancerPair extends pulumi.ComponentResource {
  /** Address of the API, as a URL. */
  readonly endpoint: string;
  /** Password of user "admin" on the stats page; absent with an external load balancer. */
  readonly statsPassword?: pulumi.Output<string>;
  /** HAProxy's metrics addresses, host:port. */
  readonly scrapeTargets: ScrapeTarget[];
  /** What to depend on for load balancers that wait for API servers. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: LoadBalancerPairArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:LoadBalancerPair", name, {}, opts);
    const { endpoint, loadBalancer, hosts } = args.cluster;
    this.endpoint = `https://${endpoint.address}:${endpoint.port}`;
    const members = loadBalancer.mode === "haproxy" ? hosts.loadBalancers : [];
    this.scrapeTargets = [
      ...(members.length > 0 ? [{ job: "haproxy", at: hostTargets(members, STATS_PORT) }] : []),
      ...hostExporters(args.cluster, members),
    ];
    this.ready = [];
    if (members.length > 0) {
      const password = new random.RandomPassword(
        `${name}-stats`,
        { length: 32, special: false },
        { parent: this },
      );
      this.statsPassword = pulumi.secret(password.result);
      this.ready = this.build(name, args, this.statsPassword);
    }
    this.registerOutputs({ endpoint: this.endpoint, statsPassword: this.statsPassword });
  }

  /**
   * Packages on all hosts at once; then one host after the other, the preferred one last: a change that turns out bad
   * stops at the host that doesn't own the VIP.
   */
  private build(
    name: string,
    args: LoadBalancerPairArgs,
    password: pulumi.Output<string>,
  ): pulumi.Resource[] {
    const script = pairScript(`${name}-script`, args.cluster, this);
    const members = args.cluster.hosts.loadBalancers.map((host, index) => {
      const remote = new RemoteHost(
        `${name}-${host.name}`,
        { host, privateKey: args.privateKey, script },
        { parent: this },
      );
      const parameters = {
        cluster: args.clusterId,
        priority: String(vrrpPriority(index)),
        peers: args.cluster.hosts.loadBalancers
          .filter((other) => other !== host)
          .map(({ address }) => address)
          .join(","),
      };
      const prepared = remote.step({
        phase: "prepare",
        parameters: { cluster: args.clusterId },
        onDelete: "wipe",
      });
      return { remote, parameters, prepared };
    });
    const secrets = {
      "/run/ha-kubernetes/ca.crt": args.caCertPem,
      "/run/ha-kubernetes/stats-password": password,
    };
    return members.reduceRight<pulumi.Resource[]>((earlier, { remote, parameters, prepared }) => {
      const dependsOn = [prepared, ...earlier];
      return [...earlier, remote.step({ phase: "install", parameters, secrets }, { dependsOn })];
    }, []);
  }
}

function pairScript(name: string, cluster: ClusterSpec, parent: pulumi.Resource): RoleScript {
  const { endpoint, loadBalancer, hosts } = cluster;
  const scripts = join(__dirname, "scripts");
  return roleScript(
    name,
    cluster,
    {
      role: "loadbalancer",
      variables: {
        LB_VIP: endpoint.address,
        LB_PORT: String(endpoint.port),
        LB_DNS_NAME: endpoint.dnsName,
        LB_STATS_PORT: String(STATS_PORT),
      },
      files: {
        "haproxy.cfg": haproxyConfig({
          masters: hosts.masters,
          port: endpoint.port,
          dnsName: endpoint.dnsName,
        }),
        "haproxy.conf": HAPROXY_DROP_IN,
        "keepalived.conf": keepalivedConfig({ vip: endpoint.address, loadBalancer }),
        "keepalived.conf.d": KEEPALIVED_DROP_IN,
        ...firewallFiles(cluster, { ports: [STATS_PORT, NODE_EXPORTER_PORT], rules: VRRP_RULES }),
        "tmpfiles.conf": RUNTIME_FOLDER,
        "live.sh": shellFile(join(scripts, "live.sh")),
        "notify.sh": shellFile(join(scripts, "notify.sh")),
      },
      shell: [join(scripts, "loadbalancer.sh")],
    },
    parent,
  );
}
