import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { types } from "@pulumi/kubernetes";
import { apartByHost, DRAIN_SECONDS, PATIENCE, RESTRICTED } from "../objects/pods";
import type { MysqlSpec } from "../spec/types";
import { MYSQL, MYSQL_PATHS, MYSQL_PORT, MYSQL_SERVERS, mysqlConfig } from "./mysqlConfig";

/** The images' own user, and its group. */
const USER = 999;

/** Of the servers' pods. */
export const MYSQL_LABELS = { "app.kubernetes.io/name": MYSQL };

/**
 * What Velero runs in a server before it copies the volumes: a dump, as the files of a running server are no copy of its data.
 *
 * @see https://velero.io/docs/v1.18/backup-hooks/
 */
export const MYSQL_BACKUP_HOOK: Record<string, string> = {
  "pre.hook.backup.velero.io/container": "server",
  "pre.hook.backup.velero.io/command": JSON.stringify(["bash", `${MYSQL_PATHS.files}/backup.sh`]),
  // The backup is PartiallyFailed all the same. With Fail it would lack the pod, and one that is made in its place doesn't know of a restore.
  "pre.hook.backup.velero.io/on-error": "Continue",
  // 10 GiB, the size of the volume, at 5 MB/s.
  "pre.hook.backup.velero.io/timeout": "40m",
};

/** Of the pod that promotes. */
export const PROMOTE_LABELS = { "app.kubernetes.io/name": `${MYSQL}-promote` };

const { data, run, secrets, files } = MYSQL_PATHS;

/** Files of the ConfigMap: the scripts, one dialect of them, and the server's options. */
export function mysqlFiles({ engine }: MysqlSpec): Record<string, string> {
  const scripts = ["common.sh", `${engine}.sh`, "start.sh", "role.sh", "probe.sh", "promote.sh", "backup.sh"];
  return {
    ...Object.fromEntries(
      scripts.map((file) => [file, readFileSync(join(__dirname, "scripts", file), "utf8")]),
    ),
    "server.cnf": mysqlConfig(engine),
  };
}

/** What the scripts read beside their files. */
function environment({ engine }: MysqlSpec): types.input.core.v1.EnvVar[] {
  const servers = MYSQL_SERVERS.map((server) => `${server}=${server}.${MYSQL}.${MYSQL}.svc`);
  return [
    { name: "MYSQL_ENGINE", value: engine },
    { name: "MYSQL_SERVERS", value: servers.join(" ") },
  ];
}

/** A container that runs a script, with these volumes beside those of all. */
function container(
  name: string,
  spec: MysqlSpec,
  [script, ...args]: string[],
  mounts: Readonly<Record<string, string>> = {},
): types.input.core.v1.Container {
  return {
    name,
    image: spec.image,
    imagePullPolicy: "IfNotPresent",
    command: ["bash", `${files}/${script}`, ...args],
    securityContext: { ...RESTRICTED, runAsUser: USER },
    // A refusal is then told by `pulumi up` too.
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "files", mountPath: files, readOnly: true },
      { name: "secrets", mountPath: secrets, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
      ...Object.entries(mounts).map(([volume, mountPath]) => ({ name: volume, mountPath })),
    ],
  };
}

/** A server, and beside it what keeps it in its role. */
export function serverPod(spec: MysqlSpec): types.input.core.v1.PodSpec {
  const probe = (what: string) => ({ exec: { command: ["bash", `${files}/probe.sh`, what] } });
  const own = {
    env: [
      ...environment(spec),
      { name: "MYSQL_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      // Velero puts it on what it restores.
      {
        name: "MYSQL_RESTORED",
        valueFrom: { fieldRef: { fieldPath: "metadata.labels['velero.io/restore-name']" } },
      },
    ],
  };
  return {
    automountServiceAccountToken: false,
    affinity: apartByHost(MYSQL_LABELS),
    // The server writes at its end what it changed in memory: 512 MiB at 5 MB/s, on a slow disk.
    terminationGracePeriodSeconds: 120,
    securityContext: { fsGroup: USER, fsGroupChangePolicy: "OnRootMismatch" },
    containers: [
      {
        ...container("server", spec, ["start.sh"], { run, data }),
        ...own,
        ports: [{ name: "mysql", containerPort: MYSQL_PORT }],
        resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2", memory: "4Gi" } },
        lifecycle: { preStop: { sleep: { seconds: DRAIN_SECONDS } } },
        // Ten minutes to make a data folder, or to recover one after a crash.
        startupProbe: { ...probe("alive"), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 120 },
        livenessProbe: { ...probe("alive"), initialDelaySeconds: 30, ...PATIENCE },
        readinessProbe: { ...probe("ready"), initialDelaySeconds: 5, periodSeconds: 2, timeoutSeconds: 5 },
      },
      {
        ...container("role", spec, ["role.sh"], { run, data }),
        ...own,
        // A client for some milliseconds of every two seconds; filling an empty server it passes on what it reads.
        resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "256Mi" } },
        livenessProbe: { ...probe("role"), initialDelaySeconds: 30, periodSeconds: 30, timeoutSeconds: 5 },
        readinessProbe: { ...probe("role"), periodSeconds: 10, timeoutSeconds: 5 },
      },
    ],
    volumes: [...volumes(), { name: "run", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } }],
  };
}

/** What makes another server the primary, or finds that it is. */
export function promotePod(spec: MysqlSpec): types.input.core.v1.PodSpec {
  return {
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    securityContext: { fsGroup: USER },
    containers: [
      {
        ...container("promote", spec, ["promote.sh", spec.primary]),
        env: environment(spec),
        resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "128Mi" } },
      },
    ],
    volumes: volumes([{ key: "root.cnf", path: "root.cnf" }]),
  };
}

/** Volumes of both kinds of pods; of the Secret all, or some files. */
function volumes(items?: types.input.core.v1.KeyToPath[]): types.input.core.v1.Volume[] {
  return [
    { name: "files", configMap: { name: MYSQL } },
    { name: "secrets", secret: { secretName: MYSQL, defaultMode: 0o440, ...(items && { items }) } },
    { name: "tmp", emptyDir: {} },
  ];
}
