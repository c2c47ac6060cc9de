import * as pulumi from "@pulumi/pulumi";
import type { ChartFile } from "../charts";
import { objectOptions } from "../objects/objectOptions";
import type { ScrapeTarget } from "../spec/scrapeTarget";
import type { ClusterSpec } from "../spec/types";
import { calico } from "./calico";
import { CALICO_METRICS_PORTS } from "./calicoValues";
import { KUBE_ROUTER_METRICS_PORT, kubeRouter } from "./kubeRouter";

/** Arguments of {@link Network}. */
export interface NetworkArgs {
  /** The checked cluster; `network.cni` chooses what is installed. */
  cluster: ClusterSpec;
  /** Upstream's chart of Calico; by default charts/tigera-operator-vVERSION.tgz, which `npm run charts` fetches. */
  calicoChart?: ChartFile;
}

/** The pod network and its policies, through the cluster's API (give the provider in the options). */
export class Network extends pulumi.ComponentResource {
  /** Where its pods serve metrics, on every node. */
  readonly scrapeTargets: ScrapeTarget[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:Network", name, {}, opts);
    // The network goes with the hosts: taken away before them, it would break every pod that is still to end in order.
    const child = { ...objectOptions(this, opts), retainOnDelete: true };
    switch (args.cluster.network.cni) {
      case "kube-router":
        kubeRouter(name, args.cluster, child);
        this.scrapeTargets = [{ job: "kube-router", at: { port: KUBE_ROUTER_METRICS_PORT, nodes: "all" } }];
        break;
      case "calico":
        calico(name, args.cluster, args.calicoChart, child);
        this.scrapeTargets = [{ job: "calico", at: { port: CALICO_METRICS_PORTS.node, nodes: "all" } }];
        break;
    }
    this.registerOutputs();
  }
}
