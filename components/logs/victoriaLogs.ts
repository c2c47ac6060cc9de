import type * as pulumi from "@pulumi/pulumi";
import { VICTORIA_LOGS_IMAGE } from "../spec/services";
import { SAMPLES_FILL } from "../spec/profiles";
import { LOG_STORES } from "./names";
import { store, type StoreArgs } from "./store";

/** The image has no user of its own; anybody does. */
const USER = 65_534;

/**
 * Installs VictoriaLogs: one replica with a volume, which it keeps from filling up by dropping the oldest days.
 *
 * @see https://docs.victoriametrics.com/victorialogs/#list-of-command-line-flags
 */
export function victoriaLogs(
  name: string,
  args: StoreArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { logs } = args;
  const { port } = LOG_STORES.victorialogs;
  return store(
    name,
    {
      ...args,
      store: LOG_STORES.victorialogs,
      user: USER,
      replicas: 1,
      readyPath: "/health",
      container: {
        image: VICTORIA_LOGS_IMAGE,
        args: [
          `-httpListenAddr=:${port}`,
          "-storageDataPath=/data",
          `-retentionPeriod=${logs.retentionDays}d`,
          `-retention.maxDiskSpaceUsageBytes=${Math.floor(logs.volumeGiB * SAMPLES_FILL * 1024)}MiB`,
          "-loggerLevel=WARN",
        ],
      },
    },
    opts,
  );
}
