import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { apartByHost, NOBODY, PATIENCE, RESTRICTED } from "../objects/pods";
import { fingerprint } from "../objects/fingerprint";
import { namedSecret, type NamedSecrets } from "../objects/secrets";
import { receiverSecretNames } from "../spec/secretNames";
import { ALERTMANAGER_IMAGE } from "../spec/services";
import type { ReceiversSpec } from "../spec/types";
import { alertmanagerConfig, RECEIVER_SECRETS } from "./alertmanagerConfig";
import { ALERTMANAGER as NAME, ALERTMANAGER_PORT } from "./names";

const LABELS = { "app.kubernetes.io/name": NAME };

/** Two may be lost, and an alert is still sent; they agree by gossip who sends it. */
const REPLICAS = 3;

/** Where the replicas gossip; Alertmanager's own default. */
const GOSSIP_PORT = 9094;

/** Name of the Service that knows each replica by its name. */
const PEERS = "alertmanager-peers";

/** Arguments of {@link alertmanager}. */
export interface AlertmanagerArgs {
  readonly namespace: string;
  readonly receivers: ReceiversSpec;
  readonly secrets?: NamedSecrets;
  /** Class of the volumes; undefined: the default one. */
  readonly volumeClass: string | undefined;
  readonly after: pulumi.Resource[];
}

/** Installs Alertmanager: three replicas that group, hold back and send alerts. */
export function alertmanager(
  name: string,
  { namespace, receivers, secrets, volumeClass, after }: AlertmanagerArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { core, apps, policy } = kubernetes;
  const metadata = { name: NAME, namespace, labels: LABELS };
  const config = alertmanagerConfig(receivers);
  const files = receiverSecretNames(receivers).map((key): [string, pulumi.Output<string>] => [
    key,
    namedSecret(secrets, key, "monitoring.receivers"),
  ]);
  const configMap = new core.v1.ConfigMap(
    `${name}-alertmanager`,
    { metadata, data: { "alertmanager.yml": config } },
    opts,
  );
  const secret = new core.v1.Secret(
    `${name}-alertmanager`,
    // An empty map would be a change each time: the API keeps none.
    { metadata, ...(files.length > 0 && { stringData: Object.fromEntries(files) }) },
    opts,
  );
  const service = (suffix: string, spec: types.input.core.v1.ServiceSpec) =>
    new core.v1.Service(
      `${name}-alertmanager${suffix}`,
      {
        metadata: {
          ...metadata,
          name: suffix === "" ? NAME : PEERS,
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: { selector: LABELS, ...spec },
      },
      opts,
    );
  service("", { ports: [{ name: "web", port: ALERTMANAGER_PORT, targetPort: "web" }] });
  const peers = service("-peers", {
    clusterIP: "None",
    // They find each other before they are ready.
    publishNotReadyAddresses: true,
    ports: [{ name: "gossip", port: GOSSIP_PORT }],
  });
  new policy.v1.PodDisruptionBudget(
    `${name}-alertmanager`,
    { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: LABELS } } },
    opts,
  );
  return new apps.v1.StatefulSet(
    `${name}-alertmanager`,
    {
      metadata,
      spec: {
        serviceName: PEERS,
        replicas: REPLICAS,
        podManagementPolicy: "Parallel",
        selector: { matchLabels: LABELS },
        template: {
          metadata: { labels: LABELS, annotations: { "ha-kubernetes/config": fingerprint(config) } },
          spec: podSpec(namespace),
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            // Silences and what was sent: kilobytes.
            spec: {
              storageClassName: volumeClass,
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "1Gi" } },
            },
          },
        ],
      },
    },
    { ...opts, dependsOn: [configMap, secret, peers, ...after] },
  );
}

function podSpec(namespace: string): types.input.core.v1.PodSpec {
  const probe = (path: string) => ({ httpGet: { path, port: "web" }, periodSeconds: 5 });
  const peers = Array.from({ length: REPLICAS }, (_, i) => `${NAME}-${i}.${PEERS}.${namespace}.svc`);
  return {
    automountServiceAccountToken: false,
    priorityClassName: "system-cluster-critical",
    affinity: apartByHost(LABELS),
    securityContext: { fsGroup: NOBODY },
    containers: [
      {
        name: NAME,
        image: ALERTMANAGER_IMAGE,
        imagePullPolicy: "IfNotPresent",
        args: [
          "--config.file=/etc/alertmanager/config/alertmanager.yml",
          "--storage.path=/alertmanager",
          `--web.listen-address=:${ALERTMANAGER_PORT}`,
          `--cluster.listen-address=0.0.0.0:${GOSSIP_PORT}`,
          ...peers.map((peer) => `--cluster.peer=${peer}:${GOSSIP_PORT}`),
          // A peer that starts again has a new address: asked for soon, as three notify together until then.
          "--cluster.reconnect-timeout=5m",
        ],
        ports: [
          { name: "web", containerPort: ALERTMANAGER_PORT },
          { name: "gossip", containerPort: GOSSIP_PORT },
        ],
        resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "256Mi" } },
        readinessProbe: probe("/-/ready"),
        livenessProbe: { ...probe("/-/healthy"), ...PATIENCE },
        securityContext: { ...RESTRICTED, runAsUser: NOBODY },
        volumeMounts: [
          { name: "config", mountPath: "/etc/alertmanager/config", readOnly: true },
          { name: "secrets", mountPath: RECEIVER_SECRETS, readOnly: true },
          { name: "data", mountPath: "/alertmanager" },
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name: NAME } },
      { name: "secrets", secret: { secretName: NAME, defaultMode: 0o440 } },
    ],
  };
}
