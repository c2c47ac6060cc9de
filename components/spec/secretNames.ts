import type { ServiceInputs } from "./services";
import type { BackupSpec, ReceiversSpec, S3Spec } from "./types";

/** Names of the secret config keys that a cluster's services need, each with where the config names it. */
export function secretNames(cluster: ServiceInputs): Map<string, string> {
  const { storage, monitoring, logs, backup } = cluster;
  const places: [place: string, names: string[]][] = [
    ["storage.ceph", storage.ceph ? [storage.ceph.keySecret] : []],
    ["monitoring.receivers", monitoring.enabled ? receiverSecretNames(monitoring.receivers) : []],
    ["logs.s3", logs.enabled && logs.s3 ? s3SecretNames(logs.s3) : []],
    ["backup.s3", backup ? s3SecretNames(backup.s3) : []],
    ["backup", repositorySecretNames(backup)],
  ];
  return new Map(places.flatMap(([place, names]) => names.map((name): [string, string] => [name, place])));
}

/** Names of the secret config keys that receivers of alerts need. */
export function receiverSecretNames(receivers: ReceiversSpec): string[] {
  const { email, webhook, slack, pagerduty, watchdog } = receivers;
  const names = [
    email?.passwordSecret,
    webhook?.urlSecret,
    slack?.urlSecret,
    pagerduty?.routingKeySecret,
    watchdog?.urlSecret,
  ];
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

function repositorySecretNames({ repositoryPasswordSecret }: Partial<BackupSpec> = {}): string[] {
  return repositoryPasswordSecret === undefined ? [] : [repositoryPasswordSecret];
}

function s3SecretNames({ accessKeySecret, secretKeySecret }: S3Spec): string[] {
  return [accessKeySecret, secretKeySecret];
}
