import type { Planned } from "../../../policies/rule";

/** A plan that breaks one rule, with what is said, and one that keeps it. */
export interface Case {
  readonly breaks: Planned[];
  readonly says: RegExp;
  readonly keeps: Planned[];
  /** Other ways to break it, each a plan of one resource. */
  readonly also?: readonly (readonly [breaks: Planned, says: RegExp])[];
}

const labels = { app: "web" };

const container = {
  name: "web",
  image: "docker.io/library/nginx:1.28.0",
  resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
  readinessProbe: { httpGet: { path: "/", port: 80 } },
  livenessProbe: { httpGet: { path: "/", port: 80 } },
};

/** A Deployment that keeps every rule but for what is changed. */
export function deployment(
  more: { container?: object; pod?: object; replicas?: number; annotations?: object } = {},
): Planned {
  return {
    type: "kubernetes:apps/v1:Deployment",
    name: "web",
    props: {
      metadata: { name: "web", namespace: "web", ...(more.annotations && { annotations: more.annotations }) },
      spec: {
        replicas: more.replicas ?? 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ ...container, ...more.container }], ...more.pod },
        },
      },
    },
  };
}

export const budget = (selector: object = { matchLabels: labels }): Planned => ({
  type: "kubernetes:policy/v1:PodDisruptionBudget",
  name: "web",
  props: { metadata: { namespace: "web" }, spec: { minAvailable: 1, selector } },
});

const configMap = (data: object): Planned => ({
  type: "kubernetes:core/v1:ConfigMap",
  name: "settings",
  props: { data },
});

const argued = (rule: string) => ({ [`policy.ha-kubernetes.io/${rule}`]: "there is a reason" });

const storageClass = (name: string, isDefault: boolean): Planned => ({
  type: "kubernetes:storage.k8s.io/v1:StorageClass",
  name,
  props: {
    metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": String(isDefault) } },
  },
});

const claim = (storageClassName?: string): Planned => ({
  type: "kubernetes:core/v1:PersistentVolumeClaim",
  name: "data",
  props: { spec: { ...(storageClassName !== undefined && { storageClassName }) } },
});

const hosts = (count: number, rack?: string) =>
  Array.from({ length: count }, (_, i) => ({ name: `m${i}`, rack: rack ?? `rack-${i}` }));

const cluster = (more: object = {}): Planned => ({
  type: "ha-kubernetes:index:HaCluster",
  name: "lab",
  props: {
    masters: hosts(3),
    etcd: hosts(3),
    workers: 3,
    loadBalancers: 2,
    loadBalancerMode: "haproxy",
    defaultClass: "local-path",
    monitoring: true,
    receivers: 1,
    backup: true,
    ...more,
  },
});

const command = (connection: object): Planned => ({
  type: "command:remote:Command",
  name: "step",
  props: { connection: { host: "192.168.10.101", ...connection } },
});

const KEY = "ssh-ed25519 AAAA";

/** By the rules' names. */
export const CASES: Readonly<Record<string, Case>> = {
  "odd-quorum": {
    breaks: [cluster({ masters: hosts(4) })],
    says: /^has 4 masters: make it 3 or 5$/,
    keeps: [cluster(), cluster({ etcd: [] })],
    also: [
      [cluster({ etcd: hosts(2) }), /^has 2 etcd members: make it 3 or 5$/],
      [cluster({ masters: hosts(1) }), /^has 1 masters: make it 3 or 5$/],
    ],
  },
  "quorum-over-racks": {
    breaks: [cluster({ etcd: hosts(3, "rack-1") })],
    says: /^has 3 of 3 etcd in rack rack-1: put them into three racks$/,
    keeps: [cluster(), cluster({ masters: [{ name: "a" }, { name: "b" }, { name: "c" }] })],
    also: [[cluster({ masters: hosts(3, "rack-1") }), /^has 3 of 3 masters in rack rack-1/]],
  },
  "enough-hosts": {
    breaks: [cluster({ loadBalancers: 1 })],
    says: /^has 1 load balancer: make it 2$/,
    keeps: [cluster(), cluster({ loadBalancers: 0, loadBalancerMode: "external" })],
    also: [[cluster({ workers: 2 }), /^has 2 workers: make it 3 or more$/]],
  },
  "monitoring-on": {
    breaks: [cluster({ monitoring: false })],
    says: /^is not watched: set monitoring\.enabled: true$/,
    keeps: [cluster()],
    also: [[cluster({ receivers: 0 }), /^tells nobody of its alerts: give monitoring\.receivers$/]],
  },
  "workload-backup": {
    breaks: [cluster({ backup: false })],
    says: /^saves no workload: give backup\.s3/,
    keeps: [cluster()],
  },
  "default-class": {
    breaks: [cluster({ defaultClass: undefined })],
    says: /^has no default storage class: set storage\.localPath\.enabled: true/,
    keeps: [cluster()],
  },
  "pinned-host-key": {
    breaks: [command({ hostKey: KEY, proxy: { host: "jump" } })],
    says: /^connects to jump without its key: set hostKey/,
    keeps: [command({ hostKey: KEY }), command({ hostKey: KEY, proxy: { host: "jump", hostKey: KEY } })],
    also: [[command({}), /^connects to 192\.168\.10\.101 without its key: set hostKey/]],
  },
  "requests-and-limits": {
    breaks: [deployment({ container: { resources: { requests: { cpu: "1" } } } })],
    says: /^container web lacks resources\.requests\.memory, resources\.limits\.memory: add it$/,
    keeps: [deployment()],
    also: [
      [
        deployment({ pod: { initContainers: [{ name: "first", resources: {} }] } }),
        /^container first lacks resources\.requests\.cpu, resources\.requests\.memory, resources\.limits\.memory: add it$/,
      ],
    ],
  },
  probes: {
    breaks: [deployment({ container: { livenessProbe: undefined } })],
    says: /^container web lacks livenessProbe: ask a path/,
    keeps: [
      deployment(),
      deployment({ container: { livenessProbe: undefined }, annotations: argued("probes") }),
    ],
    also: [
      [
        deployment({ container: { readinessProbe: undefined } }),
        /^container web lacks readinessProbe: ask a path/,
      ],
    ],
  },
  "more-than-one-replica": {
    breaks: [deployment({ replicas: 1 })],
    says: /^has one replica: set spec\.replicas to 2 or more/,
    keeps: [deployment(), deployment({ replicas: 1, annotations: argued("more-than-one-replica") })],
  },
  "disruption-budget": {
    breaks: [
      deployment(),
      budget({ matchLabels: { app: "other" } }),
      budget({ matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }),
    ],
    says: /^has no PodDisruptionBudget: add one/,
    keeps: [
      deployment(),
      budget({ matchExpressions: [{ key: "app", operator: "In", values: ["web", "shop"] }] }),
    ],
    also: [[deployment(), /^has no PodDisruptionBudget: add one/]],
  },
  "no-host-path": {
    breaks: [deployment({ pod: { volumes: [{ name: "root", hostPath: { path: "/" } }] } })],
    says: /^volume root is a hostPath: use a claim or an emptyDir/,
    keeps: [deployment({ pod: { volumes: [{ name: "tmp", emptyDir: {} }] } })],
  },
  "no-host-namespace": {
    breaks: [deployment({ pod: { hostNetwork: true } })],
    says: /^sets hostNetwork: leave it out, or say why/,
    keeps: [
      deployment({ pod: { hostPID: false } }),
      deployment({ pod: { hostPID: true }, annotations: argued("no-host-namespace") }),
    ],
    also: [
      [deployment({ pod: { hostPID: true } }), /^sets hostPID: leave it out/],
      [deployment({ pod: { hostIPC: true } }), /^sets hostIPC: leave it out/],
    ],
  },
  "not-privileged": {
    breaks: [deployment({ container: { securityContext: { privileged: true } } })],
    says: /^container web is privileged: give it the capabilities/,
    keeps: [deployment({ container: { securityContext: { privileged: false } } })],
  },
  "pinned-image": {
    breaks: [deployment({ container: { image: "registry.example.com:5000/nginx" } })],
    says: /^container web runs registry\.example\.com:5000\/nginx: write a tag other than latest, or a digest$/,
    keeps: [
      deployment(),
      deployment({ container: { image: `nginx@sha256:${"a".repeat(64)}` } }),
      deployment({ container: { image: "registry.example.com:5000/nginx:1.28.0" } }),
    ],
    also: [
      [deployment({ container: { image: "nginx:latest" } }), /^container web runs nginx:latest: write a tag/],
    ],
  },
  "no-plain-secret": {
    breaks: [
      deployment({
        container: {
          env: [
            { name: "DB_PASSWORD", value: "hunter2" },
            { name: "AWS_SECRET_ACCESS_KEY", value: "hunter2" },
          ],
        },
      }),
    ],
    says: /^container web has DB_PASSWORD, AWS_SECRET_ACCESS_KEY in clear: take it from a Secret/,
    keeps: [
      deployment({
        container: { env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db" } } }] },
      }),
      deployment({ container: { env: [{ name: "DB_PASSWORD_FILE", value: "/etc/db/password" }] } }),
    ],
    also: [
      ...[
        "PGPASSWORD",
        "MYSQL_PASSWD",
        "API_TOKEN",
        "client_secret",
        "TLS_PRIVATE_KEY",
        "STRIPE_API_KEY",
      ].map((name): [Planned, RegExp] => [
        deployment({ container: { env: [{ name, value: "hunter2" }] } }),
        new RegExp(`^container web has ${name} in clear: take it from a Secret`),
      ]),
      [configMap({ DB_PASSWORD: "hunter2" }), /^holds a secret at DB_PASSWORD: put it into a Secret$/],
      [
        configMap({ "tls.pem": "-----BEGIN EC PRIVATE KEY-----" }),
        /^holds a secret at tls\.pem: put it into a Secret$/,
      ],
    ],
  },
  "storage-class-exists": {
    breaks: [storageClass("local-path", true), claim("fast")],
    says: /^claims a volume of class fast, which nothing makes: use one of local-path$/,
    keeps: [storageClass("local-path", true), claim("local-path"), claim()],
  },
  "one-default-class": {
    breaks: [storageClass("a", true), storageClass("b", true)],
    says: /^is a default class, and so is (a|b): leave one$/,
    keeps: [storageClass("a", true), storageClass("b", false)],
  },
};
