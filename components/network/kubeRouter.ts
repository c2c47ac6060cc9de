import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { shellFile } from "../host";
import { clusterAccount } from "../objects/account";
import { exceptions } from "../objects/exception";
import { fingerprint } from "../objects/fingerprint";
import { PATIENCE } from "../objects/pods";
import type { ClusterSpec } from "../spec/types";
import { maxUnavailableNodes } from "./rollout";

type Spec = Pick<ClusterSpec, "network" | "profile" | "versions">;

const NAMESPACE = "kube-system";
const LABELS = { "k8s-app": "kube-router" };

/** Where kube-router answers /healthz (its pkg/options, defaultHealthCheckPort). */
const HEALTH_PORT = 20244;

/** Where kube-router serves /metrics on every node; off by default upstream, 8080 in its own docs/metrics.md. */
export const KUBE_ROUTER_METRICS_PORT = 8080;

/** Directory of kube-router's own copy of the CNI configuration, see scripts/kube-router.sh. */
const RUN = "/run/kube-router";

/**
 * Installs kube-router: pod network by BGP between all nodes, and NetworkPolicies. Services stay kube-proxy's.
 *
 * @see https://github.com/cloudnativelabs/kube-router/blob/v2.1.0/docs/user-guide.md
 */
export function kubeRouter(name: string, cluster: Spec, opts: pulumi.CustomResourceOptions): void {
  const metadata = { name: "kube-router", namespace: NAMESPACE, labels: LABELS };
  const { core, apps } = kubernetes;
  const account = clusterAccount(`${name}-kube-router`, metadata, RULES, opts);
  const data = kubeRouterFiles();
  const files = new core.v1.ConfigMap(`${name}-kube-router`, { metadata, data }, opts);
  new apps.v1.DaemonSet(
    `${name}-kube-router`,
    {
      // A node that is down must not hold up the rest: the checks judge the network at the end.
      metadata: {
        ...metadata,
        annotations: {
          "pulumi.com/skipAwait": "true",
          ...exceptions({
            "no-host-path":
              "it gives the node its network: the runtime's configuration and the kernel's locks are there",
            "no-host-namespace": "the network of the node is what it makes",
            "not-privileged": "it sets sysctls, routes, ipsets and iptables of the node",
          }),
        },
      },
      spec: {
        selector: { matchLabels: LABELS },
        updateStrategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxUnavailable: maxUnavailableNodes(cluster.profile) },
        },
        template: {
          // A ConfigMap that changes restarts no pod by itself.
          metadata: { labels: LABELS, annotations: { "ha-kubernetes/files": fingerprint(data) } },
          spec: podSpec(cluster),
        },
      },
    },
    { ...opts, dependsOn: [...account, files] },
  );
}

/** Arguments of kube-router: everything that differs from its defaults, and what they are if it matters. */
export function kubeRouterArgs({ network }: Pick<ClusterSpec, "network">): string[] {
  return [
    "--run-router=true",
    "--run-firewall=true",
    "--run-service-proxy=false",
    // Its own masquerading looks at a set of the nodes' pod networks that stays as it was when a node is added (seen
    // with 2.1.0, ten minutes long): the new node's policies then see a node's address instead of the pod's. start.sh
    // masquerades by the whole pod network instead.
    "--enable-pod-egress=false",
    ...overlay(network.encapsulation),
    // Nodes keep the routes to a node whose kube-router restarts, for 90 s (its default).
    "--bgp-graceful-restart=true",
    // Policies let traffic to Services pass to where their pods are judged.
    `--service-cluster-ip-range=${network.serviceCidr}`,
    `--metrics-port=${KUBE_ROUTER_METRICS_PORT}`,
  ];
}

/** kube-router can tunnel by IP-in-IP only: between nodes of different subnets, or always. */
function overlay(encapsulation: ClusterSpec["network"]["encapsulation"]): string[] {
  switch (encapsulation) {
    case "None":
      return ["--enable-overlay=false"];
    case "IPIPCrossSubnet":
      return ["--enable-overlay=true", "--overlay-type=subnet"];
    case "IPIP":
      return ["--enable-overlay=true", "--overlay-type=full"];
    case "VXLAN":
    case "VXLANCrossSubnet":
      throw new Error(
        `network.encapsulation is ${encapsulation}, which kube-router does not have. ` +
          "Next: write None, IPIP or IPIPCrossSubnet, or network.cni: calico.",
      );
  }
}

/** Files in the pod: how it starts, and the CNI configuration that it completes with the node's pod network. */
export function kubeRouterFiles(): Record<string, string> {
  const conflist = {
    cniVersion: "1.0.0",
    name: "kube-router",
    plugins: [
      {
        type: "bridge",
        bridge: "kube-bridge",
        isDefaultGateway: true,
        // A pod that reaches itself through its own Service comes back on the port it left by.
        hairpinMode: true,
        ipam: { type: "host-local" },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
  return {
    "cni.conflist": `${JSON.stringify(conflist, undefined, 2)}\n`,
    "start.sh": shellFile(join(__dirname, "scripts", "kube-router.sh")),
  };
}

/** What kube-router watches (its informers in pkg/cmd); it writes nothing, as Services and load balancers aren't its own here. */
const RULES: types.input.rbac.v1.PolicyRule[] = [
  {
    apiGroups: [""],
    resources: ["namespaces", "pods", "services", "nodes", "endpoints"],
    verbs: ["get", "list", "watch"],
  },
  { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
];

function podSpec(cluster: Spec): types.input.core.v1.PodSpec {
  const probe = { httpGet: { path: "/healthz", port: HEALTH_PORT, host: "127.0.0.1" } };
  const hostPath = (name: string, path: string, type: string) => ({ name, hostPath: { path, type } });
  return {
    serviceAccountName: "kube-router",
    priorityClassName: "system-node-critical",
    hostNetwork: true,
    // A node without a network is tainted, and it is here to give it one.
    tolerations: [{ operator: "Exists" }],
    containers: [
      {
        name: "kube-router",
        image: `docker.io/cloudnativelabs/kube-router:v${cluster.versions.kubeRouter}`,
        imagePullPolicy: "IfNotPresent",
        command: ["sh", "/etc/kube-router/start.sh"],
        args: kubeRouterArgs(cluster),
        env: [
          { name: "POD_CIDR", value: cluster.network.podCidr },
          { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
          { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "KUBE_ROUTER_CNI_CONF_FILE", value: `${RUN}/10-kuberouter.conflist` },
        ],
        // A loop that has not finished a round for its period (5 minutes by default) is reported as unhealthy.
        readinessProbe: { ...probe, periodSeconds: 3 },
        livenessProbe: { ...probe, initialDelaySeconds: 60, ...PATIENCE },
        // Of a small site; upstream asks for 250m and 250Mi at any size.
        resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
        // It sets sysctls, routes, ipsets and iptables of the host.
        securityContext: { privileged: true },
        volumeMounts: [
          { name: "files", mountPath: "/etc/kube-router", readOnly: true },
          { name: "run", mountPath: RUN },
          { name: "cni", mountPath: "/etc/cni/net.d" },
          { name: "modules", mountPath: "/lib/modules", readOnly: true },
          { name: "xtables-lock", mountPath: "/run/xtables.lock" },
        ],
      },
    ],
    volumes: [
      { name: "files", configMap: { name: "kube-router" } },
      { name: "run", emptyDir: {} },
      hostPath("cni", "/etc/cni/net.d", "DirectoryOrCreate"),
      hostPath("modules", "/lib/modules", "DirectoryOrCreate"),
      hostPath("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
    ],
  };
}
