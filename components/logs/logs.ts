import * as pulumi from "@pulumi/pulumi";
import { objectOptions } from "../objects/objectOptions";
import { monitoringNamespace } from "../monitoring/namespace";
import { MONITORING_NAMESPACE } from "../monitoring/names";
import { s3Credentials } from "../objects/s3";
import type { NamedSecrets } from "../objects/secrets";
import type { LogsSpec } from "../spec/types";
import { collector } from "./collector";
import { loki } from "./loki";
import { LOG_STORES } from "./names";
import { victoriaLogs } from "./victoriaLogs";

/** Arguments of {@link Logs}. */
export interface LogsArgs {
  /** Which store, and how much it keeps. */
  logs: LogsSpec;
  /** What the secret config keys hold that `logs.s3` names. */
  secrets?: NamedSecrets;
  /** Namespace `monitoring`, if it is there already; made by default. */
  namespace?: pulumi.Resource;
  /** Class of the volumes; by default the cluster's default class. */
  volumeClass?: string;
  /** What must stand before: nodes, and volumes of that class. */
  after?: pulumi.Resource[];
}

/** What pods and nodes log, collected on every node and kept in one place (give the provider in the options). */
export class Logs extends pulumi.ComponentResource {
  /** What to depend on for logs that are kept. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: LogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:Logs", name, {}, opts);
    const { logs, secrets, volumeClass, after = [] } = args;
    const credentials = logs.s3 && s3Credentials(logs.s3, secrets, "logs.s3");
    const child = objectOptions(this, opts);
    const space = args.namespace ?? monitoringNamespace(name, child);
    const inside = { ...child, dependsOn: [space] };
    const within = {
      namespace: MONITORING_NAMESPACE,
      logs,
      credentials,
      volumeClass,
      after: [space, ...after],
    };
    collector(name, MONITORING_NAMESPACE, LOG_STORES[logs.store], inside);
    this.ready = [logs.store === "loki" ? loki(name, within, inside) : victoriaLogs(name, within, inside)];
    this.registerOutputs();
  }
}
