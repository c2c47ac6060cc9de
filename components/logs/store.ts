import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { exceptions } from "../objects/exception";
import { fingerprint } from "../objects/fingerprint";
import { apartByHost, PATIENCE, RESTRICTED } from "../objects/pods";
import type { S3Credentials } from "../objects/s3";
import type { LogsSpec } from "../spec/types";
import type { LogStore } from "./names";

/** What any store is made of. */
export interface StoreArgs {
  readonly namespace: string;
  readonly logs: LogsSpec;
  /** Class of the volumes; undefined: the default one. */
  readonly volumeClass: string | undefined;
  /** Keys of the object store, if there is one. */
  readonly credentials?: S3Credentials;
  readonly after: pulumi.Resource[];
}

/** What one kind of store adds. */
interface StatefulStoreArgs extends StoreArgs {
  readonly store: LogStore;
  /** User that it runs as, and whose its volume is. */
  readonly user: number;
  readonly replicas: number;
  /** Its configuration, if it has a file: a change restarts it. */
  readonly config?: string;
  /** Where it says that it takes lines. */
  readonly readyPath: string;
  readonly container: Pick<types.input.core.v1.Container, "image" | "args" | "env"> & {
    readonly volumeMounts?: types.input.core.v1.VolumeMount[];
  };
  readonly volumes?: types.input.core.v1.Volume[];
}

/** Installs a store of logs: pods with a volume each, and the Service that the collector and people ask. */
export function store(
  name: string,
  args: StatefulStoreArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { core, apps, policy } = kubernetes;
  const { namespace, replicas, credentials, logs } = args;
  const labels = { "app.kubernetes.io/name": args.store.name };
  const metadata = { name: args.store.name, namespace, labels };
  new core.v1.Service(
    `${name}-store`,
    {
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: { selector: labels, ports: [{ name: "http", port: args.store.port, targetPort: "http" }] },
    },
    opts,
  );
  if (replicas > 1) {
    new policy.v1.PodDisruptionBudget(
      `${name}-store`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      opts,
    );
  }
  const keys = credentials && [
    new core.v1.Secret(
      `${name}-store-s3`,
      {
        metadata: { ...metadata, name: keysSecret(args.store) },
        stringData: {
          AWS_ACCESS_KEY_ID: credentials.accessKey,
          AWS_SECRET_ACCESS_KEY: credentials.secretKey,
        },
      },
      opts,
    ),
  ];
  return new apps.v1.StatefulSet(
    `${name}-store`,
    {
      metadata: {
        ...metadata,
        ...(replicas === 1 && {
          annotations: exceptions({
            "more-than-one-replica":
              "its lines lie on one volume; while it is away the collectors keep what comes",
          }),
        }),
      },
      spec: {
        serviceName: args.store.name,
        replicas,
        podManagementPolicy: "Parallel",
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { "ha-kubernetes/config": fingerprint(args.config ?? "") } },
          spec: podSpec(args, labels),
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              storageClassName: args.volumeClass,
              resources: { requests: { storage: `${logs.volumeGiB}Gi` } },
            },
          },
        ],
      },
    },
    { ...opts, dependsOn: [...args.after, ...(keys ?? [])] },
  );
}

function podSpec(
  { store, user, readyPath, container, volumes = [], logs, credentials }: StatefulStoreArgs,
  labels: Record<string, string>,
): types.input.core.v1.PodSpec {
  const { volumeMounts = [], ...rest } = container;
  const { name, port } = store;
  return {
    automountServiceAccountToken: false,
    affinity: apartByHost(labels),
    securityContext: { fsGroup: user },
    // Time to write out what is in memory (VictoriaLogs), or to end what is being written (Loki, whose log has the rest).
    terminationGracePeriodSeconds: 120,
    containers: [
      {
        name,
        imagePullPolicy: "IfNotPresent",
        ...rest,
        // The object store's client reads them where every client of S3 does.
        ...(credentials !== undefined && { envFrom: [{ secretRef: { name: keysSecret(store) } }] }),
        ports: [{ name: "http", containerPort: port }],
        resources: {
          requests: { cpu: "50m", memory: `${logs.memoryGiB * 256}Mi` },
          limits: { memory: `${logs.memoryGiB}Gi` },
        },
        // It lives while it listens: what was not written out yet is read first, and may take its time.
        startupProbe: { tcpSocket: { port: "http" }, periodSeconds: 5, failureThreshold: 60 },
        readinessProbe: { httpGet: { path: readyPath, port: "http" }, periodSeconds: 5 },
        livenessProbe: { tcpSocket: { port: "http" }, ...PATIENCE },
        securityContext: { ...RESTRICTED, runAsUser: user },
        volumeMounts: [
          { name: "data", mountPath: "/data" },
          { name: "tmp", mountPath: "/tmp" },
          ...volumeMounts,
        ],
      },
    ],
    volumes: [{ name: "tmp", emptyDir: {} }, ...volumes],
  };
}

/** Name of the Secret with the keys of the object store. */
function keysSecret({ name }: LogStore): string {
  return `${name}-s3`;
}
