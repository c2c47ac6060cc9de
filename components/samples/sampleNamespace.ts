import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Makes a namespace for one sample: restricted Pod Security, and nothing may talk to or from its pods but DNS and what
 * `ingress` lets in. Gives what to depend on.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
 */
export function sampleNamespace(
  name: string,
  namespace: string,
  allowed: types.input.networking.v1.NetworkPolicySpec[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { core, networking } = kubernetes;
  const space = new core.v1.Namespace(
    `${name}-namespace`,
    {
      metadata: {
        name: namespace,
        labels: Object.fromEntries(
          ["enforce", "warn", "audit"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
        ),
      },
    },
    opts,
  );
  const policy = (suffix: string, spec: types.input.networking.v1.NetworkPolicySpec) =>
    new networking.v1.NetworkPolicy(
      `${name}-${suffix}`,
      { metadata: { name: suffix, namespace }, spec },
      { ...opts, dependsOn: [space] },
    );
  return [
    space,
    policy("deny-all", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    policy("allow-dns", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
              podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
            },
          ],
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
      ],
    }),
    ...allowed.map((spec, i) => policy(i === 0 ? "allow" : `allow-${i + 1}`, spec)),
  ];
}
