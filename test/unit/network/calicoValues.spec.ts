import { strict as assert } from "node:assert";
import { calicoValues } from "../../../components/network/calicoValues";
import type { ClusterSpec, NetworkSpec, ProfileName } from "../../../components/spec/types";

/** The values of a cluster that differs from the usual one by these. */
function values(profile: ProfileName = "small", network: Partial<NetworkSpec> = {}) {
  const spec: Pick<ClusterSpec, "network" | "profile" | "endpoint"> = {
    profile,
    endpoint: { address: "192.168.10.100", dnsName: "k8s-api.example.com", port: 6443 },
    network: {
      cni: "calico",
      podCidr: "10.244.0.0/16",
      serviceCidr: "10.96.0.0/12",
      dnsDomain: "cluster.local",
      nodeCidrMaskSize: 24,
      proxyMode: "iptables",
      encapsulation: "VXLANCrossSubnet",
      typha: 3,
      ...network,
    },
  };
  return calicoValues(spec);
}

// Whether upstream's chart takes these values was tried by hand against Calico 3.31.7; no test here can.
describe("calicoValues", () => {
  it("puts the pool into the cluster's pod network", () => {
    assert.deepEqual(values("small", { podCidr: "172.20.0.0/14" }).installation.calicoNetwork.ipPools, [
      {
        name: "default-ipv4-ippool",
        cidr: "172.20.0.0/14",
        blockSize: 26,
        encapsulation: "VXLANCrossSubnet",
        natOutgoing: "Enabled",
        nodeSelector: "all()",
      },
    ]);
  });

  it("switches BGP off where VXLAN carries the pods, and on where nothing else knows the routes", () => {
    const bgp = (encapsulation: NetworkSpec["encapsulation"]) =>
      values("small", { encapsulation }).installation.calicoNetwork.bgp;
    assert.deepEqual((["VXLAN", "VXLANCrossSubnet", "None", "IPIP", "IPIPCrossSubnet"] as const).map(bgp), [
      "Disabled",
      "Disabled",
      "Enabled",
      "Enabled",
      "Enabled",
    ]);
  });

  it("programs the same firewall as kube-proxy", () => {
    const dataplane = (proxyMode: NetworkSpec["proxyMode"]) =>
      values("small", { proxyMode }).installation.calicoNetwork.linuxDataplane;
    assert.deepEqual((["iptables", "ipvs", "nftables"] as const).map(dataplane), [
      "Iptables",
      "Iptables",
      "Nftables",
    ]);
  });

  it("updates one node at a time on a small site and a tenth on others", () => {
    const atOnce = (profile: ProfileName) =>
      values(profile).installation.nodeUpdateStrategy.rollingUpdate.maxUnavailable;
    assert.deepEqual((["small", "medium", "large"] as const).map(atOnce), [1, "10%", "10%"]);
  });

  it("reaches the API through the endpoint, with the port as the text that the chart wants", () => {
    assert.deepEqual(values().kubernetesServiceEndpoint, { host: "192.168.10.100", port: "6443" });
  });

  it("runs nothing whose image is not among the cluster's artifacts", () => {
    const { installation, goldmane, whisker } = values();
    assert.deepEqual(
      [goldmane.enabled, whisker.enabled, installation.flexVolumePath, installation.kubeletVolumePluginPath],
      [false, false, "None", "None"],
    );
  });
});
