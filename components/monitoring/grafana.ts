import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { stringify } from "yaml";
import { exceptions } from "../objects/exception";
import { fingerprint } from "../objects/fingerprint";
import { PATIENCE, RESTRICTED } from "../objects/pods";
import type { ScrapeTarget } from "../spec/scrapeTarget";
import { GRAFANA_IMAGE } from "../spec/services";
import { dashboardJson, dashboards as shown } from "./dashboards";
import { GRAFANA as NAME, GRAFANA_PORT, PROMETHEUS, PROMETHEUS_PORT } from "./names";

const LABELS = { "app.kubernetes.io/name": NAME };

/** The image's own user (its Dockerfile, GF_UID). */
const USER = 472;

/** Where the files of its provisioning lie; the image's own place. */
const PROVISIONING = "/etc/grafana/provisioning";

/** Where the dashboards lie. */
const DASHBOARDS_FOLDER = "/etc/grafana/dashboards";

/**
 * Installs Grafana with its data source and dashboards from files. It keeps nothing of its own, so one is enough: on
 * another node it is the same again. Gives the administrator's password.
 */
export function grafana(
  name: string,
  {
    namespace,
    scrapeTargets,
    loki,
  }: { namespace: string; scrapeTargets: readonly ScrapeTarget[]; loki: string | undefined },
  opts: pulumi.CustomResourceOptions,
): { ready: pulumi.Resource; password: pulumi.Output<string> } {
  const { core, apps } = kubernetes;
  const metadata = { name: NAME, namespace, labels: LABELS };
  const password = new random.RandomPassword(
    `${name}-grafana`,
    { length: 24, special: false },
    { parent: opts.parent },
  );
  const secret = new core.v1.Secret(
    `${name}-grafana`,
    { metadata, stringData: { "admin-password": password.result } },
    opts,
  );
  const files = grafanaFiles(namespace, loki);
  const dashboards = Object.fromEntries(
    shown(scrapeTargets).map((one) => [`${one.uid}.json`, dashboardJson(one)]),
  );
  const configMap = (suffix: string, data: Record<string, string>) =>
    new core.v1.ConfigMap(
      `${name}-grafana${suffix}`,
      { metadata: { ...metadata, name: `${NAME}${suffix}` }, data },
      opts,
    );
  new core.v1.Service(
    `${name}-grafana`,
    {
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: { selector: LABELS, ports: [{ name: "web", port: GRAFANA_PORT, targetPort: "web" }] },
    },
    opts,
  );
  const ready = new apps.v1.Deployment(
    `${name}-grafana`,
    {
      metadata: {
        ...metadata,
        annotations: exceptions({
          "more-than-one-replica": "sessions are in its own memory, and on another node it is the same again",
        }),
      },
      spec: {
        replicas: 1,
        selector: { matchLabels: LABELS },
        template: {
          metadata: {
            labels: LABELS,
            annotations: { "ha-kubernetes/config": fingerprint({ files, dashboards }) },
          },
          spec: POD,
        },
      },
    },
    { ...opts, dependsOn: [secret, configMap("", files), configMap("-dashboards", dashboards)] },
  );
  return { ready, password: password.result };
}

/** What Grafana reads when it starts: where Prometheus is, and Loki if there is one, and where its dashboards lie. */
export function grafanaFiles(namespace: string, loki: string | undefined): Record<string, string> {
  return {
    "datasources.yaml": stringify({
      apiVersion: 1,
      datasources: [
        {
          name: "Prometheus",
          uid: "prometheus",
          type: "prometheus",
          access: "proxy",
          url: `http://${PROMETHEUS}.${namespace}.svc:${PROMETHEUS_PORT}`,
          isDefault: true,
          editable: false,
        },
        ...(loki === undefined
          ? []
          : [
              {
                name: "Loki",
                uid: "loki",
                type: "loki",
                access: "proxy",
                url: loki,
                editable: false,
                jsonData: { timeout: 90 },
              },
            ]),
      ],
    }),
    "dashboards.yaml": stringify({
      apiVersion: 1,
      providers: [{ name: "ha-kubernetes", type: "file", options: { path: DASHBOARDS_FOLDER } }],
    }),
  };
}

const POD: types.input.core.v1.PodSpec = {
  automountServiceAccountToken: false,
  securityContext: { fsGroup: USER },
  containers: [
    {
      name: NAME,
      image: GRAFANA_IMAGE,
      imagePullPolicy: "IfNotPresent",
      env: [
        { name: "GF_SECURITY_ADMIN_PASSWORD__FILE", value: "/etc/grafana/secret/admin-password" },
        // Nothing is asked of or told to anybody outside the cluster.
        { name: "GF_ANALYTICS_REPORTING_ENABLED", value: "false" },
        { name: "GF_ANALYTICS_CHECK_FOR_UPDATES", value: "false" },
        { name: "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", value: "false" },
        { name: "GF_SECURITY_DISABLE_GRAVATAR", value: "true" },
        { name: "GF_PLUGINS_PREINSTALL_DISABLED", value: "true" },
        { name: "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED", value: "true" },
        { name: "GF_NEWS_NEWS_FEED_ENABLED", value: "false" },
        { name: "GF_SNAPSHOTS_EXTERNAL_ENABLED", value: "false" },
      ],
      ports: [{ name: "web", containerPort: GRAFANA_PORT }],
      resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
      readinessProbe: { httpGet: { path: "/api/health", port: "web" }, periodSeconds: 5 },
      // Its database is made anew at each start, on a slow disk for minutes.
      startupProbe: { httpGet: { path: "/api/health", port: "web" }, periodSeconds: 5, failureThreshold: 60 },
      livenessProbe: { httpGet: { path: "/api/health", port: "web" }, ...PATIENCE },
      securityContext: { ...RESTRICTED, runAsUser: USER },
      volumeMounts: [
        { name: "secret", mountPath: "/etc/grafana/secret", readOnly: true },
        {
          name: "files",
          mountPath: `${PROVISIONING}/datasources/datasources.yaml`,
          subPath: "datasources.yaml",
          readOnly: true,
        },
        {
          name: "files",
          mountPath: `${PROVISIONING}/dashboards/dashboards.yaml`,
          subPath: "dashboards.yaml",
          readOnly: true,
        },
        { name: "dashboards", mountPath: DASHBOARDS_FOLDER, readOnly: true },
        { name: "data", mountPath: "/var/lib/grafana" },
        { name: "tmp", mountPath: "/tmp" },
      ],
    },
  ],
  volumes: [
    { name: "secret", secret: { secretName: NAME, defaultMode: 0o440 } },
    { name: "files", configMap: { name: NAME } },
    { name: "dashboards", configMap: { name: `${NAME}-dashboards` } },
    { name: "data", emptyDir: {} },
    { name: "tmp", emptyDir: {} },
  ],
};
