import { z } from "zod";
import { about, byProfile, text } from "./fields";
import {
  checkChannel,
  checkFolder,
  checkImage,
  checkHostAndPort,
  checkMailAddress,
  checkSecretName,
} from "./names";
import { DEFAULT_LOCAL_PATH } from "./profiles";
import { DEFAULT_MYSQL_IMAGES, DEFAULT_NGINX_IMAGE } from "./services";

/** Volumes for the cluster's workloads. */
export const storage = z
  .strictObject({
    localPath: z
      .strictObject({
        enabled: z.boolean().default(true).meta(about("Make classes `local-path` and `fast-ssd` of them.")),
        folder: text(checkFolder)
          .default(DEFAULT_LOCAL_PATH)
          .meta(about("Folder on every worker in which they lie, best a disk of its own.")),
      })
      .prefault({})
      .meta(about("Volumes on the workers' own disks; each stays on its worker.")),
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
function secretName(example: string) {
  return text((value) => checkSecretName(value, example));
}

/** What watches the cluster. */
export const monitoring = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .meta(about("Prometheus and Alertmanager in namespace `monitoring`, with the alerts.")),
    retentionDays: z
      .int()
      .min(1)
      .max(365)
      .optional()
      .meta(
        about(
          "Days that Prometheus keeps samples.",
          byProfile((p) => p.monitoring.retentionDays),
        ),
      ),
    volumeGiB: z
      .int()
      .min(1)
      .max(4096)
      .optional()
      .meta(
        about(
          "Volume of each of the two Prometheus in GiB.",
          byProfile((p) => p.monitoring.volumeGiB),
        ),
      ),
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
            channel: text(checkChannel).meta(about("Channel, as in #alerts.")),
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
