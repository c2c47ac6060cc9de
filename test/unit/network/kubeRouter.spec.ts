import { strict as assert } from "node:assert";
import { kubeRouterArgs, kubeRouterFiles } from "../../../components/network/kubeRouter";
import type { NetworkSpec } from "../../../components/spec/types";

function argsFor(encapsulation: NetworkSpec["encapsulation"]): string[] {
  return kubeRouterArgs({
    network: {
      cni: "kube-router",
      podCidr: "10.244.0.0/16",
      serviceCidr: "10.112.0.0/12",
      dnsDomain: "cluster.local",
      nodeCidrMaskSize: 24,
      proxyMode: "iptables",
      encapsulation,
      typha: 3,
    },
  });
}

const overlayOf = (encapsulation: NetworkSpec["encapsulation"]) =>
  argsFor(encapsulation).filter((arg) => arg.includes("overlay"));

describe("kubeRouterArgs", () => {
  it("routes and filters, and leaves Services to kube-proxy", () => {
    assert.deepEqual(argsFor("None"), [
      "--run-router=true",
      "--run-firewall=true",
      "--run-service-proxy=false",
      "--enable-pod-egress=false",
      "--enable-overlay=false",
      "--bgp-graceful-restart=true",
      "--service-cluster-ip-range=10.112.0.0/12",
      "--metrics-port=8080",
    ]);
  });

  it("tunnels between subnets only, or always, as the config says", () => {
    assert.deepEqual(overlayOf("IPIPCrossSubnet"), ["--enable-overlay=true", "--overlay-type=subnet"]);
    assert.deepEqual(overlayOf("IPIP"), ["--enable-overlay=true", "--overlay-type=full"]);
  });

  it("refuses VXLAN, which kube-router does not have, and names the cure", () => {
    assert.throws(() => argsFor("VXLAN"), {
      message:
        "network.encapsulation is VXLAN, which kube-router does not have. " +
        "Next: write None, IPIP or IPIPCrossSubnet, or network.cni: calico.",
    });
  });
});

describe("kubeRouterFiles", () => {
  it("gives a CNI configuration without addresses, which kube-router fills in on each node", () => {
    const conflist: unknown = JSON.parse(kubeRouterFiles()["cni.conflist"] ?? "");
    assert.deepEqual(conflist, {
      cniVersion: "1.0.0",
      name: "kube-router",
      plugins: [
        {
          type: "bridge",
          bridge: "kube-bridge",
          isDefaultGateway: true,
          hairpinMode: true,
          ipam: { type: "host-local" },
        },
        { type: "portmap", capabilities: { portMappings: true } },
      ],
    });
  });
});
