import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { RemoteHost, roleScript } from "../host";
import { workerJoinConfig, workerTokenConfig } from "../controlplane/kubeadm";
import { nodeFiles } from "../node/files";
import { nodeLabels } from "../node/labels";
import { NODE_SCRIPTS } from "../node/scripts";
import type { Pki } from "../pki/pki";
import type { ClusterSpec } from "../spec/types";

/** Arguments of {@link Workers}. */
export interface WorkersArgs {
  /** The checked cluster; its `hosts.workers` become the nodes. */
  cluster: ClusterSpec;
  /** The cluster's CA and the joiner's certificate. */
  pki: Pki;
  /** Private ssh key; absent: the agent of SSH_AUTH_SOCK. */
  privateKey?: pulumi.Input<string>;
  /** What must stand before a worker may join: the control plane. */
  joinAfter: pulumi.Resource[];
}

/** The workers: prepared while the control plane is built, joined a bounded number at a time, up when Ready. */
export class Workers extends pulumi.ComponentResource {
  /** What to depend on for Ready workers. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: WorkersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:Workers", name, {}, opts);
    const { cluster, pki } = args;
    const script = roleScript(
      `${name}-script`,
      cluster,
      {
        role: "worker",
        variables: {
          ENDPOINT: `${cluster.endpoint.address}:${cluster.endpoint.port}`,
          LOCAL_PATH: cluster.storage.localPath.folder,
        },
        files: {
          ...nodeFiles(cluster),
          "kubeadm-join.yaml": workerJoinConfig(cluster),
          "kubeadm-token.yaml": workerTokenConfig(cluster),
        },
        shell: [...NODE_SCRIPTS, join(__dirname, "scripts/worker.sh")],
      },
      this,
    );
    const joins: pulumi.Resource[] = [];
    for (const host of cluster.hosts.workers) {
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
      // As many lanes as may join at once: 300 joins together fail on the API (kubeadm#3181).
      const before = joins[joins.length - cluster.node.joinConcurrency];
      joins.push(
        remote.step(
          {
            phase: "join",
            parameters: { labels: nodeLabels(host) },
            secrets: {
              "/run/ha-kubernetes/ca.crt": pki.clusterCa.certPem,
              "/run/ha-kubernetes/joiner.crt": pki.joiner.certPem,
              "/run/ha-kubernetes/joiner.key": pki.joiner.keyPem,
            },
          },
          { dependsOn: [prepared, ...args.joinAfter, ...(before ? [before] : [])] },
        ),
      );
    }
    this.ready = joins;
    this.registerOutputs();
  }
}
