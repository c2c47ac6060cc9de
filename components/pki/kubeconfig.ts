import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { ClusterSpec } from "../spec/types";
import type { KeyPair } from "./certificates";

/** A kubeconfig with a client certificate, through the cluster's endpoint; secret as a whole. */
export function kubeconfig(
  cluster: ClusterSpec,
  caPem: pulumi.Output<string>,
  user: KeyPair,
): pulumi.Output<string> {
  const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
  return pulumi.secret(
    pulumi.all([caPem, user.certPem, user.keyPem]).apply(([ca, cert, key]) =>
      stringify({
        apiVersion: "v1",
        kind: "Config",
        clusters: [
          {
            name: cluster.name,
            cluster: {
              server: `https://${cluster.endpoint.address}:${cluster.endpoint.port}`,
              "certificate-authority-data": base64(ca),
            },
          },
        ],
        users: [
          {
            name: "admin",
            user: { "client-certificate-data": base64(cert), "client-key-data": base64(key) },
          },
        ],
        contexts: [{ name: cluster.name, context: { cluster: cluster.name, user: "admin" } }],
        "current-context": cluster.name,
      }),
    ),
  );
}
