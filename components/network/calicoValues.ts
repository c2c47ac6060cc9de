import type { ClusterSpec, ProfileName } from "../spec/types";
import { maxUnavailableNodes } from "./rollout";

type Spec = Pick<ClusterSpec, "network" | "profile" | "endpoint">;

/** Where calico-node and Typha serve /metrics; both are off by default upstream, which names these ports in its docs. */
export const CALICO_METRICS_PORTS = { node: 9091, typha: 9093 } as const;

/** Addresses in one block of Calico's IPAM, as a prefix: its own default, two blocks for a node's 110 pods. */
const BLOCK_SIZE = 26;

/** Replicas of Calico's API server: the operator's own default, and one more where a node update takes a tenth of 500 nodes. */
const CONTROL_PLANE_REPLICAS: Record<ProfileName, number> = { small: 2, medium: 2, large: 3 };

/** Values of the chart tigera-operator that we set; everything else stays as upstream has it. */
export interface CalicoValues {
  /** Spec of `Installation`, and whether there is one. */
  readonly installation: {
    readonly enabled: boolean;
    readonly calicoNetwork: {
      readonly bgp: "Enabled" | "Disabled";
      readonly linuxDataplane: "Iptables" | "Nftables";
      readonly ipPools: readonly {
        readonly name: string;
        readonly cidr: string;
        readonly blockSize: number;
        readonly encapsulation: string;
        readonly natOutgoing: "Enabled";
        readonly nodeSelector: string;
      }[];
      readonly nodeAddressAutodetectionV4: { readonly kubernetes: "NodeInternalIP" };
    };
    readonly controlPlaneReplicas: number;
    readonly nodeUpdateStrategy: {
      readonly type: "RollingUpdate";
      readonly rollingUpdate: { readonly maxUnavailable: number | string };
    };
    readonly nodeMetricsPort: number;
    readonly typhaMetricsPort: number;
    readonly flexVolumePath: "None";
    readonly kubeletVolumePluginPath: "None";
  };
  readonly apiServer: { readonly enabled: boolean };
  readonly goldmane: { readonly enabled: boolean };
  readonly whisker: { readonly enabled: boolean };
  readonly kubernetesServiceEndpoint: { readonly host: string; readonly port: string };
}

/**
 * The values of Calico's chart for one cluster.
 *
 * Typha is not among them: the operator runs as many as the number of nodes asks for, and takes no other number.
 *
 * @see https://docs.tigera.io/calico/latest/reference/installation/api
 */
export function calicoValues({ network, profile, endpoint }: Spec): CalicoValues {
  return {
    installation: {
      enabled: true,
      calicoNetwork: {
        // Without tunnels, and with IP-in-IP, routes to the pods come by BGP; VXLAN needs none.
        bgp: network.encapsulation.startsWith("VXLAN") ? "Disabled" : "Enabled",
        // kube-proxy and Calico must program the same firewall of the kernel.
        linuxDataplane: network.proxyMode === "nftables" ? "Nftables" : "Iptables",
        ipPools: [
          {
            // The name that the operator gives a pool without one.
            name: "default-ipv4-ippool",
            cidr: network.podCidr,
            blockSize: BLOCK_SIZE,
            encapsulation: network.encapsulation,
            natOutgoing: "Enabled",
            nodeSelector: "all()",
          },
        ],
        // The address that the kubelet registered, which is the host's in the config; the default guesses an interface.
        nodeAddressAutodetectionV4: { kubernetes: "NodeInternalIP" },
      },
      controlPlaneReplicas: CONTROL_PLANE_REPLICAS[profile],
      nodeUpdateStrategy: {
        type: "RollingUpdate",
        rollingUpdate: { maxUnavailable: maxUnavailableNodes(profile) },
      },
      nodeMetricsPort: CALICO_METRICS_PORTS.node,
      typhaMetricsPort: CALICO_METRICS_PORTS.typha,
      // A volume driver that nothing here uses, and a kind of plugin that Kubernetes gave up.
      flexVolumePath: "None",
      kubeletVolumePluginPath: "None",
    },
    apiServer: { enabled: true },
    // Flow logs and their pages: more pods than they are worth on a site that has Prometheus.
    goldmane: { enabled: false },
    whisker: { enabled: false },
    // The operator and every calico-node reach the API before kube-proxy's Service address works, and when it doesn't.
    kubernetesServiceEndpoint: { host: endpoint.address, port: String(endpoint.port) },
  };
}
