/** Names of the storage classes that there can be. */
export type StorageClassName = "ceph-rbd-ssd" | "local-path" | "nfs-client";

/** A Ceph cluster that there is already. */
export interface CephSpec {
  /** Its fsid. */
  readonly clusterId: string;
  /** Its monitors, host:port. */
  readonly monitors: readonly string[];
  readonly pool: string;
  /** User without "client.". */
  readonly user: string;
  /** Name of the secret config key with the user's key. */
  readonly keySecret: string;
}

/** An NFS server that there is already. */
export interface NfsSpec {
  readonly server: string;
  /** Exported path. */
  readonly share: string;
  readonly mountOptions: readonly string[];
}

/** Volumes of the cluster's workloads. */
export interface StorageSpec {
  readonly localPath: {
    readonly enabled: boolean;
    /** Folder on every worker in which volumes lie. */
    readonly folder: string;
  };
  readonly ceph?: CephSpec;
  readonly nfs?: NfsSpec;
  /** Class of claims that name none; undefined: such claims wait for ever. */
  readonly defaultClass?: StorageClassName;
}

/** Who is told of alerts, each by its own way; secrets by the names of the config keys that hold them. */
export interface ReceiversSpec {
  readonly email?: {
    readonly to: string;
    readonly from: string;
    /** Mail server, host:port; TLS is required. */
    readonly smarthost: string;
    readonly username?: string;
    readonly passwordSecret?: string;
  };
  readonly webhook?: { readonly urlSecret: string };
  readonly slack?: { readonly urlSecret: string; readonly channel: string };
  readonly pagerduty?: { readonly routingKeySecret: string };
  /** Who gets nothing but a sign of life every minute, and raises the alarm when it stays away. */
  readonly watchdog?: { readonly urlSecret: string };
}

/** What watches the cluster. */
export interface MonitoringSpec {
  readonly enabled: boolean;
  readonly scrapeIntervalSeconds: number;
  /** Days that samples are kept. */
  readonly retentionDays: number;
  /** Volume of each Prometheus. */
  readonly volumeGiB: number;
  /** Most memory that a Prometheus may take. */
  readonly memoryGiB: number;
  /** Most nodes that the profile allows: what counts all of them has memory for as many. */
  readonly maxNodes: number;
  /** Whether there are dashboards to look at. */
  readonly grafana: boolean;
  readonly receivers: ReceiversSpec;
  /** Whether `kubectl top` and the autoscalers have something to ask. */
  readonly metricsServer: boolean;
}

/** A bucket of an object store that speaks S3. */
export interface S3Spec {
  /** Address of the store; absent: Amazon's own of the region. */
  readonly url?: string;
  readonly bucket: string;
  readonly region: string;
  /** Name of the secret config key with the access key's id. */
  readonly accessKeySecret: string;
  /** Name of the secret config key with the secret key. */
  readonly secretKeySecret: string;
}

/** Where lines of pods and nodes are kept. */
export interface LogsSpec {
  readonly enabled: boolean;
  readonly store: "loki" | "victorialogs";
  /** Days that lines are kept. */
  readonly retentionDays: number;
  /** Volume of each replica. */
  readonly volumeGiB: number;
  /** Most memory that a replica may take. */
  readonly memoryGiB: number;
  /** Where Loki keeps lines instead of on its volume, which then holds what is not written out yet. */
  readonly s3?: S3Spec;
}

/** Dialect of the sample "mysql". */
export type MysqlEngine = "mysql" | "mariadb";

/** Which of its three servers is the primary. */
export type MysqlServer = "mysql-0" | "mysql-1" | "mysql-2";

/** A database of three servers. */
export interface MysqlSpec {
  readonly enabled: boolean;
  readonly engine: MysqlEngine;
  /** Image with an exact tag. */
  readonly image: string;
  /** The server that takes writes; another one here is a promotion. */
  readonly primary: MysqlServer;
}

/** Workloads that show how to stay up. */
export interface SamplesSpec {
  readonly webApp: boolean;
  readonly distributedApp: boolean;
  readonly nginxHa: boolean;
  /** Image of those that serve pages: nginx with an exact tag. */
  readonly nginxImage: string;
  readonly mysql: MysqlSpec;
}

/** Where and when workloads are saved. */
export interface BackupSpec {
  /** The bucket that keeps the backups. */
  readonly s3: S3Spec & {
    /** Folder in the bucket, the cluster's own. */
    readonly prefix: string;
    /** Certificates in PEM that the store's own is verified by; absent: the public CAs. */
    readonly caCert?: string;
  };
  /** When a backup begins, as cron reads it, in UTC. */
  readonly schedule: string;
  readonly retentionDays: number;
  /** Namespaces that are not saved, beside those that `up` makes itself. */
  readonly excludedNamespaces: readonly string[];
  /** Name of the secret config key with the password of the volumes' copies; absent: one is made. */
  readonly repositoryPasswordSecret?: string;
}
