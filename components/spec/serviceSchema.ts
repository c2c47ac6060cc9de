import { z } from "zod";
import { about, keptDays, text, volumeGiB } from "./fields";
import {
  checkBaseUrl,
  checkBucket,
  checkChannel,
  checkFolder,
  checkImage,
  checkHostAndPort,
  checkMailAddress,
  checkSecretName,
} from "./names";
import { DEFAULT_LOCAL_PATH, LOGS_BUFFER_GIB } from "./profiles";
import { DEFAULT_MYSQL_IMAGES, DEFAULT_NGINX_IMAGE } from "./services";
import { ceph, nfs } from "./storageSchema";

/** Volumes for the cluster's workloads. */
export const storage = z
  .strictObject({
    localPath: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .meta(about("Class `local-path`, and `fast-ssd` where no Ceph is.")),
        folder: text(checkFolder)
          .default(DEFAULT_LOCAL_PATH)
          .meta(about("Folder on every worker in which they lie, best a disk of its own.")),
      })
      .prefault({})
      .meta(about("Volumes on the workers' own disks; each stays on its worker.")),
    ceph,
    nfs,
    defaultClass: z
      .enum(["ceph-rbd-ssd", "local-path", "nfs-client"])
      .optional()
      .meta(
        about("Class of claims that name none; it must be on.", "the first that is on: Ceph, local, NFS"),
      ),
  })
  .prefault({})
  .meta(about("Volumes for workloads."));

/** Workloads that show how to stay up. */
export const samples = z
  .strictObject({
    webApp: z
      .boolean()
      .default(false)
      .meta(about("`web-app`: three replicas on three hosts, never two together.")),
    distributedApp: z
      .boolean()
      .default(false)
      .meta(about("`distributed-app`: six replicas, evenly over hosts and zones.")),
    nginxHa: z
      .boolean()
      .default(false)
      .meta(about("`nginx-ha`: three to ten replicas by what they use; needs `monitoring.metricsServer`.")),
    nginxImage: text(checkImage)
      .default(DEFAULT_NGINX_IMAGE)
      .meta(about("Their image: nginx, with an exact tag.")),
    mysql: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .meta(about("`mysql`: a database of three servers on three hosts, one of which takes writes.")),
        engine: z.enum(["mysql", "mariadb"]).default("mysql").meta(about("MySQL 8.4, or MariaDB 10.11.")),
        image: text(checkImage)
          .optional()
          .meta(
            about(
              "Its image, with an exact tag.",
              Object.entries(DEFAULT_MYSQL_IMAGES)
                .map(([engine, image]) => `${engine} ${image}`)
                .join(", "),
            ),
          ),
        primary: z
          .enum(["mysql-0", "mysql-1", "mysql-2"])
          .default("mysql-0")
          .meta(about("The server that takes writes; another one on a living cluster is a promotion.")),
      })
      .prefault({})
      .meta(about("A replicated database.")),
  })
  .prefault({})
  .meta(about("Sample workloads, each in a namespace of its own."));

const URL_SECRET = "Name of the secret config key that holds its address.";

/** The name of a secret config key, such as `example`. */
export function secretName(example: string) {
  return text((value) => checkSecretName(value, example));
}

/** What watches the cluster. */
export const monitoring = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .meta(about("Prometheus and Alertmanager in namespace `monitoring`, with the alerts.")),
    retentionDays: keptDays("Days that Prometheus keeps samples.", (p) => p.monitoring.retentionDays),
    volumeGiB: volumeGiB("Volume of each of the two Prometheus in GiB.", (p) => p.monitoring.volumeGiB),
    grafana: z.boolean().default(true).meta(about("Grafana with dashboards of everything that is scraped.")),
    receivers: z
      .strictObject({
        email: z
          .strictObject({
            to: text(checkMailAddress).meta(about("Who gets it.")),
            from: text(checkMailAddress).meta(about("Whom it comes from.")),
            smarthost: text(checkHostAndPort).meta(about("Mail server, host:port; it must offer TLS.")),
            username: z.string().min(1).optional().meta(about("User at the mail server.")),
            passwordSecret: secretName("alertMailPassword")
              .optional()
              .meta(about("Name of the secret config key that holds its password.")),
          })
          .optional()
          .meta(about("Alerts by e-mail.", "none")),
        webhook: z
          .strictObject({ urlSecret: secretName("alertWebhook").meta(about(URL_SECRET)) })
          .optional()
          .meta(about("Alerts to an address of your own, in Alertmanager's webhook format.", "none")),
        slack: z
          .strictObject({
            urlSecret: secretName("alertSlack").meta(about(URL_SECRET)),
            channel: text(checkChannel).meta(about('Channel, in quotes, as in `"#alerts"`.')),
          })
          .optional()
          .meta(about("Alerts to Slack.", "none")),
        pagerduty: z
          .strictObject({
            routingKeySecret: secretName("alertPagerduty").meta(
              about("Name of the secret config key that holds the routing key (Events API v2)."),
            ),
          })
          .optional()
          .meta(about("Alerts to PagerDuty.", "none")),
        watchdog: z
          .strictObject({ urlSecret: secretName("alertWatchdog").meta(about(URL_SECRET)) })
          .optional()
          .meta(
            about("An address that gets a sign of life every minute, to raise the alarm without it.", "none"),
          ),
      })
      .prefault({})
      .meta(about("Who is told of alerts; all that are given are told of all.")),
    metricsServer: z
      .boolean()
      .default(true)
      .meta(about("Usage of nodes and pods, for `kubectl top` and autoscaling.")),
  })
  .prefault({})
  .meta(about("What watches the cluster."));

/** A bucket of an object store that speaks S3. */
export const s3 = z.strictObject({
  url: text(checkBaseUrl)
    .optional()
    .meta(about("Address of the object store.", "Amazon's own of the region")),
  bucket: text(checkBucket).meta(about("Name of the bucket, which must be there.")),
  region: z
    .string()
    .min(1)
    .default("us-east-1")
    .meta(about("Its region; most stores of one's own take this one.")),
  accessKeySecret: secretName("s3AccessKey").meta(
    about("Name of the secret config key that holds the access key's id."),
  ),
  secretKeySecret: secretName("s3SecretKey").meta(
    about("Name of the secret config key that holds the secret key."),
  ),
});

/** Where lines of pods and nodes are kept. */
export const logs = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .meta(about("Collect what pods and nodes log, and keep it in namespace `monitoring`.")),
    store: z
      .enum(["loki", "victorialogs"])
      .default("loki")
      .meta(about("Where it is kept; `victorialogs` has one replica on one volume, and is for small sites.")),
    retentionDays: keptDays("Days that lines are kept.", (p) => p.logs.retentionDays),
    volumeGiB: volumeGiB(
      `Volume of each replica in GiB; with \`logs.s3\` at most ${LOGS_BUFFER_GIB} by default, for what is not in the bucket yet.`,
      (p) => p.logs.volumeGiB,
    ),
    s3: s3
      .optional()
      .meta(
        about(
          "Bucket for Loki's lines, of this cluster alone: three replicas share it.",
          "one replica keeps them on its volume",
        ),
      ),
  })
  .prefault({})
  .meta(about("What pods and nodes log."));
