import { join } from "node:path";
import { readdirSync, readFileSync } from "node:fs";
import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { VELERO } from "../backup/names";
import { COLLECTOR } from "../logs/names";
import { clusterAccount } from "../objects/account";
import { fingerprint } from "../objects/fingerprint";
import { apartByHost, NOBODY, PATIENCE, RESTRICTED } from "../objects/pods";
import { SAMPLES_FILL } from "../spec/profiles";
import { PROMETHEUS_IMAGE } from "../spec/services";
import type { MonitoringSpec } from "../spec/types";
import { PROMETHEUS as NAME, PROMETHEUS_PORT } from "./names";
import { prometheusConfig } from "./prometheusConfig";
import { isScraped, type ScrapeTarget } from "../spec/scrapeTarget";

const LABELS = { "app.kubernetes.io/name": NAME };

/** Both scrape everything: one may be lost, and nothing is. */
const REPLICAS = 2;

/** Arguments of {@link prometheus}. */
export interface PrometheusArgs {
  readonly monitoring: MonitoringSpec;
  readonly namespace: string;
  readonly scrapeTargets: readonly ScrapeTarget[];
  /** Class of the volumes; undefined: the default one. */
  readonly volumeClass: string | undefined;
  readonly after: pulumi.Resource[];
}

/** Installs Prometheus: two replicas with a volume each, the rules, and what is scraped. */
export function prometheus(
  name: string,
  args: PrometheusArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { core, apps, policy } = kubernetes;
  const { namespace, monitoring, scrapeTargets } = args;
  const metadata = { name: NAME, namespace, labels: LABELS };
  const files = { "prometheus.yml": prometheusConfig({ ...args, ...monitoring }) };
  const rules = alertRules(scrapeTargets);
  const configMap = (suffix: string, data: Record<string, string>) =>
    new core.v1.ConfigMap(
      `${name}-prometheus${suffix}`,
      { metadata: { ...metadata, name: `${NAME}${suffix}` }, data },
      opts,
    );
  new core.v1.Service(
    `${name}-prometheus`,
    {
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: { selector: LABELS, ports: [{ name: "web", port: PROMETHEUS_PORT, targetPort: "web" }] },
    },
    opts,
  );
  new policy.v1.PodDisruptionBudget(
    `${name}-prometheus`,
    { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: LABELS } } },
    opts,
  );
  return new apps.v1.StatefulSet(
    `${name}-prometheus`,
    {
      metadata,
      spec: {
        serviceName: NAME,
        replicas: REPLICAS,
        podManagementPolicy: "Parallel",
        selector: { matchLabels: LABELS },
        template: {
          metadata: {
            labels: LABELS,
            annotations: { "ha-kubernetes/config": fingerprint({ files, rules }) },
          },
          spec: podSpec(monitoring),
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: {
              storageClassName: args.volumeClass,
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: `${monitoring.volumeGiB}Gi` } },
            },
          },
        ],
      },
    },
    {
      ...opts,
      dependsOn: [
        configMap("", files),
        configMap("-rules", rules),
        ...clusterAccount(`${name}-prometheus`, metadata, RULES, opts),
        ...args.after,
      ],
    },
  );
}

/** Jobs whose rules are loaded only where they are scraped, by the rules' files. */
const OPTIONAL_RULES: Readonly<Record<string, string>> = { "backup.yaml": VELERO, "logs.yaml": COLLECTOR };

/** The rule files by their names, as they lie in rules/; those of what is not always there only with its source. */
export function alertRules(scrapeTargets: readonly Pick<ScrapeTarget, "job">[]): Record<string, string> {
  const folder = join(__dirname, "rules");
  return Object.fromEntries(
    readdirSync(folder)
      .filter((file) => {
        const job = OPTIONAL_RULES[file];
        return job === undefined || isScraped(job, scrapeTargets);
      })
      .sort()
      .map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}

/** It reads where its targets are, and the metrics of the cluster's own parts. */
const RULES: types.input.rbac.v1.PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes", "pods", "services"], verbs: ["get", "list", "watch"] },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
  { nonResourceURLs: ["/metrics"], verbs: ["get"] },
];

function podSpec(monitoring: MonitoringSpec): types.input.core.v1.PodSpec {
  const probe = (path: string) => ({ httpGet: { path, port: "web" }, periodSeconds: 5 });
  const memory = monitoring.memoryGiB * 1024;
  return {
    serviceAccountName: NAME,
    priorityClassName: "system-cluster-critical",
    affinity: apartByHost(LABELS),
    securityContext: { fsGroup: NOBODY },
    // Upstream's own (prometheus-operator): a head block is written when it ends.
    terminationGracePeriodSeconds: 600,
    containers: [
      {
        name: NAME,
        image: PROMETHEUS_IMAGE,
        imagePullPolicy: "IfNotPresent",
        args: [
          "--config.file=/etc/prometheus/prometheus.yml",
          "--storage.tsdb.path=/prometheus",
          `--storage.tsdb.retention.time=${monitoring.retentionDays}d`,
          `--storage.tsdb.retention.size=${Math.floor(monitoring.volumeGiB * SAMPLES_FILL * 1024)}MB`,
          `--web.listen-address=:${PROMETHEUS_PORT}`,
        ],
        env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
        ports: [{ name: "web", containerPort: PROMETHEUS_PORT }],
        resources: {
          requests: { cpu: "100m", memory: `${memory / 4}Mi` },
          limits: { memory: `${memory}Mi` },
        },
        // Reading the write-ahead log of a large site takes minutes.
        startupProbe: { ...probe("/-/ready"), failureThreshold: 180 },
        readinessProbe: probe("/-/ready"),
        livenessProbe: { ...probe("/-/healthy"), ...PATIENCE },
        securityContext: { ...RESTRICTED, runAsUser: NOBODY },
        volumeMounts: [
          {
            name: "config",
            mountPath: "/etc/prometheus/prometheus.yml",
            subPath: "prometheus.yml",
            readOnly: true,
          },
          { name: "rules", mountPath: "/etc/prometheus/rules", readOnly: true },
          { name: "data", mountPath: "/prometheus" },
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name: NAME } },
      { name: "rules", configMap: { name: `${NAME}-rules` } },
    ],
  };
}
