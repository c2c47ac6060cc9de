import * as kubernetes from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { fingerprint } from "../objects/fingerprint";
import type { MysqlSpec } from "../spec/types";
import { MYSQL, MYSQL_PORT, MYSQL_SERVERS, MYSQL_USERS, secretFiles } from "./mysqlConfig";
import {
  MYSQL_BACKUP_HOOK,
  MYSQL_LABELS,
  mysqlFiles,
  PROMOTE_LABELS,
  promotePod,
  serverPod,
} from "./mysqlPod";
import { sampleNamespace } from "./sampleNamespace";

/** Label of namespaces from which the servers may be asked. */
export const MYSQL_CLIENTS = { "ha-kubernetes/mysql-client": "true" };

/** Size of each server's volume. */
const VOLUME = "10Gi";

const metadata = { name: MYSQL, namespace: MYSQL, labels: MYSQL_LABELS };

/**
 * Installs three database servers, a primary and two replicas, of which a commit is on two before it is answered.
 * Which of them is the primary is said by `primary`: another one there is a promotion, done by a Job before the Service turns.
 */
export function mysqlSample(
  name: string,
  { mysql, after }: { readonly mysql: MysqlSpec; readonly after: pulumi.Resource[] },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { core, apps, batch, policy } = kubernetes;
  const part = `${name}-${MYSQL}`;
  const inside = { ...opts, dependsOn: sampleNamespace(part, MYSQL, ALLOWED, opts) };
  const data = mysqlFiles(mysql);
  const files = new core.v1.ConfigMap(part, { metadata, data }, inside);
  const passwords = MYSQL_USERS.map((user): [string, pulumi.Output<string>] => [
    user,
    new random.RandomPassword(`${part}-${user}`, { length: 32, special: false }, { parent: opts.parent })
      .result,
  ]);
  const secret = new core.v1.Secret(
    part,
    { metadata, stringData: pulumi.secret(pulumi.all(Object.fromEntries(passwords)).apply(secretFiles)) },
    inside,
  );
  const service = (suffix: string, spec: types.input.core.v1.ServiceSpec, dependsOn = inside.dependsOn) =>
    new core.v1.Service(
      `${part}${suffix}`,
      {
        metadata: {
          ...metadata,
          name: `${MYSQL}${suffix}`,
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: { ports: [{ name: "mysql", port: MYSQL_PORT, targetPort: "mysql" }], ...spec },
      },
      { ...opts, dependsOn },
    );
  // They find each other before they are ready.
  const peers = service("", { clusterIP: "None", publishNotReadyAddresses: true, selector: MYSQL_LABELS });
  service("-read", { selector: MYSQL_LABELS });
  new policy.v1.PodDisruptionBudget(
    part,
    { metadata, spec: { minAvailable: 2, selector: { matchLabels: MYSQL_LABELS } } },
    inside,
  );
  const servers = new apps.v1.StatefulSet(
    part,
    {
      metadata,
      spec: {
        serviceName: MYSQL,
        replicas: MYSQL_SERVERS.length,
        // None is ready before it has heard of the others, neither at the first start nor after a loss of all.
        podManagementPolicy: "Parallel",
        selector: { matchLabels: MYSQL_LABELS },
        template: {
          metadata: {
            labels: MYSQL_LABELS,
            annotations: { "ha-kubernetes/config": fingerprint(data), ...MYSQL_BACKUP_HOOK },
          },
          spec: serverPod(mysql),
        },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: {
              accessModes: ["ReadWriteOnce"],
              storageClassName: "fast-ssd",
              resources: { requests: { storage: VOLUME } },
            },
          },
        ],
      },
    },
    { ...inside, dependsOn: [files, secret, peers, ...after] },
  );
  const promotion = new batch.v1.Job(
    `${part}-promote`,
    {
      // Another primary is another Job: what a Job runs can't be changed.
      metadata: { ...metadata, name: `${MYSQL}-promote-${mysql.primary}`, labels: PROMOTE_LABELS },
      spec: {
        backoffLimit: 3,
        activeDeadlineSeconds: 300,
        // 2 is a refusal: the servers' data says no, and it will the next time.
        podFailurePolicy: {
          rules: [
            { action: "FailJob", onExitCodes: { containerName: "promote", operator: "In", values: [2] } },
          ],
        },
        template: { metadata: { labels: PROMOTE_LABELS }, spec: promotePod(mysql) },
      },
    },
    { ...opts, dependsOn: [servers] },
  );
  const primary = service(
    "-primary",
    { selector: { ...MYSQL_LABELS, "statefulset.kubernetes.io/pod-name": mysql.primary } },
    [promotion],
  );
  return [servers, primary];
}

/** The servers talk to each other, the promotion to them, and clients come from namespaces that carry a label. */
const ALLOWED: types.input.networking.v1.NetworkPolicySpec[] = [
  {
    podSelector: { matchLabels: MYSQL_LABELS },
    policyTypes: ["Ingress"],
    ingress: [
      {
        from: [{ podSelector: {} }, { namespaceSelector: { matchLabels: MYSQL_CLIENTS } }],
        ports: [{ protocol: "TCP", port: MYSQL_PORT }],
      },
    ],
  },
  {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [
      {
        to: [{ podSelector: { matchLabels: MYSQL_LABELS } }],
        ports: [{ protocol: "TCP", port: MYSQL_PORT }],
      },
    ],
  },
];
