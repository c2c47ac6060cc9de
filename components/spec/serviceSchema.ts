import { z } from "zod";
import { about, byProfile, text } from "./fields";
import { checkFolder } from "./names";
import { DEFAULT_LOCAL_PATH } from "./profiles";

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
    metricsServer: z
      .boolean()
      .default(true)
      .meta(about("Usage of nodes and pods, for `kubectl top` and autoscaling.")),
  })
  .prefault({})
  .meta(about("What watches the cluster."));
