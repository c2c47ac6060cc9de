import { cidrSize, nodeBlocks, parseCidr } from "../cidr";
import { plural, problem, warning, type Facts, type Judgement } from "./facts";

/** Most bits behind the prefix of the service network (kubeadm constants.go, MaximumBitsForServiceSubnet; the API server agrees). */
const SERVICE_BITS_MAX = 20;

/** Fewest addresses of the service network (kubeadm constants.go, MinimumAddressesInServiceSubnet). */
const SERVICE_ADDRESSES_MIN = 10;

/** Most bits between pod network and node network (kubeadm constants.go, PodSubnetNodeMaskMaxDiff). */
const NODE_MASK_DIFF_MAX = 16;

/** Nodes to which kube-router's full BGP mesh is known to hold (kops#6047, the same mesh as Calico's). */
const MESH_NODES_MAX = 100;

const ENCAPSULATIONS = {
  calico: ["None", "VXLAN", "VXLANCrossSubnet", "IPIP", "IPIPCrossSubnet"],
  "kube-router": ["None", "IPIP", "IPIPCrossSubnet"],
};

/** Sizes of the networks against what kubeadm accepts and the nodes need. */
export function* networkSizes({ config, profile, byRole }: Facts): Generator<Judgement> {
  const { serviceCidr, podCidr } = config.network ?? {};
  const services = serviceCidr === undefined ? undefined : parseCidr(serviceCidr);
  if (services !== undefined && 32 - services.prefix > SERVICE_BITS_MAX) {
    const message = `is larger than a /${32 - SERVICE_BITS_MAX}, which the API server refuses`;
    yield problem("network.serviceCidr", serviceCidr, message, "choose a /12 to a /28");
  }
  if (services !== undefined && cidrSize(services) < SERVICE_ADDRESSES_MIN) {
    const message = `has fewer than ${SERVICE_ADDRESSES_MIN} addresses, which kubeadm refuses`;
    yield problem("network.serviceCidr", serviceCidr, message, "choose a /12 to a /28");
  }
  const pods = podCidr === undefined ? undefined : parseCidr(podCidr);
  if (pods === undefined || profile === undefined) return;
  const mask = profile.network.nodeCidrMaskSize;
  if (mask - pods.prefix > NODE_MASK_DIFF_MAX) {
    const message = `is larger than a /${mask - NODE_MASK_DIFF_MAX}, which kubeadm refuses with a /${mask} for each node`;
    yield problem("network.podCidr", podCidr, message, `choose a /${mask - NODE_MASK_DIFF_MAX} or smaller`);
  }
  if (byRole === undefined) return;
  const nodes = byRole("master").length + byRole("worker").length;
  const blocks = nodeBlocks(pods, mask);
  if (nodes > blocks) {
    const least = mask - Math.ceil(Math.log2(nodes));
    const message = `has room for ${plural(blocks, "node")} with a /${mask} each, and there are ${nodes}`;
    yield problem("network.podCidr", podCidr, message, `choose a /${least} or larger`);
  }
}

/** Choices of the pod network that don't go together or are going away. */
export function* networkChoices({ config, byRole }: Facts): Generator<Judgement> {
  const { cni, encapsulation, proxyMode } = config.network ?? {};
  if (cni !== undefined && encapsulation !== undefined && !ENCAPSULATIONS[cni].includes(encapsulation)) {
    const cure = `write one of ${ENCAPSULATIONS[cni].join(", ")}, or leave it out`;
    yield problem("network.encapsulation", encapsulation, `is not offered by ${cni}`, cure);
  }
  if (proxyMode === "ipvs") {
    const message = "is deprecated since Kubernetes 1.35 and off by default from 1.40 on (KEP-5495)";
    yield warning("network.proxyMode", proxyMode, message, "write nftables or iptables");
  }
  if (cni !== "kube-router" || byRole === undefined) return;
  const nodes = byRole("master").length + byRole("worker").length;
  if (nodes > MESH_NODES_MAX) {
    const message = `connects each of ${nodes} nodes with each by BGP, which is known to hold to ${MESH_NODES_MAX}`;
    yield warning("network.cni", cni, message, "write calico");
  }
}
