import { z } from "zod";
import { checkCertificates, checkCron, checkPrefix } from "./backupNames";
import { about, text } from "./fields";
import { checkLabel } from "./names";
import { s3, secretName } from "./serviceSchema";

/** Backup of workloads and their volumes to a bucket. */
export const backup = z
  .strictObject({
    s3: s3
      .extend({
        prefix: text(checkPrefix)
          .optional()
          .meta(
            about("Folder in the bucket; two clusters never share one.", "the cluster's name, as in `prod`"),
          ),
        caCert: text(checkCertificates)
          .optional()
          .meta(about("CA of the store's certificate, in PEM.", "the public CAs")),
      })
      .meta(about("Where backups are kept.")),
    schedule: text(checkCron)
      .default("30 2 * * *")
      .meta(
        about(
          "When a backup begins, in cron's five fields, numbers only, Sunday is 0, in UTC: at night, and not when every hour's jobs do.",
        ),
      ),
    retentionDays: z
      .int()
      .min(1)
      .max(3650)
      .default(30)
      .meta(about("Days that a backup is kept; Velero's own default is as long.")),
    excludedNamespaces: z
      .array(text(checkLabel))
      .default([])
      .meta(about("Namespaces that are not saved, beside those of the system and its services.")),
    repositoryPasswordSecret: secretName("backupRepositoryPassword")
      .optional()
      .meta(
        about(
          "Name of the secret config key with another (or an earlier) cluster's `backupRepositoryPassword`, to read its backups.",
          "one is made",
        ),
      ),
  })
  .optional()
  .meta(about("Backup of workloads and their volumes (Velero).", "off"));
