import { readFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { BUNDLE_SERVER, OBJECT_STORE, type Lab } from "./lab";
import { BUCKET } from "./objectStore";
import { hostsOf, profileOf, type Part, type Shape } from "./shape";

/** See images/build.sh. */
const LAB_NGINX_IMAGE = "docker.io/library/nginx:1.22.1";

/** See images/build.sh. */
const LAB_MARIADB_IMAGE = "docker.io/library/mariadb:10.11";

/** Name of the secret config key that holds the lab's private ssh key. */
export const SSH_KEY = "sshPrivateKey";

/** Names of the secret config keys that hold the keys of the lab's object store. */
export const STORE_KEYS = { accessKeySecret: "backupAccessKey", secretKeySecret: "backupSecretKey" };

/**
 * Writes the lab's stack config; secrets and the salt that are in the file stay.
 * It differs from an operator's in the inventory and the artifact source, and in one preflight that is skipped visibly.
 */
export async function writeStackConfig(lab: Lab, shape: Shape, bundle: string, file: string): Promise<void> {
  const old = existsSync(file)
    ? (parse(await readFile(file, "utf8")) as { config?: Record<string, unknown> })
    : {};
  const manifest = await readFile(join(bundle, "manifest.txt"));
  const hosts = await Promise.all(
    hostsOf(shape).map(async (host) => ({
      ...host,
      ssh: { hostKey: await hostKey(lab, host.name) },
    })),
  );
  const cluster = {
    name: "lab",
    profile: profileOf(shape),
    topology: shape.topology,
    endpoint: { address: "192.168.10.100", dnsName: "k8s-api.example.com" },
    ssh: { user: "root", privateKey: SSH_KEY },
    network: { cni: "kube-router", encapsulation: "None", proxyMode: "iptables" },
    artifacts: {
      source: "bundle",
      baseUrl: `http://${BUNDLE_SERVER.address}:${BUNDLE_SERVER.port}`,
      manifestSha256: createHash("sha256").update(manifest).digest("hex"),
    },
    ...services(shape),
    // All hosts share one disk with everything else on the machine.
    etcd: { fsyncP99Ms: 10_000 },
    // kubeadm's check of the kernel wants cgroup v2 and a kernel config that nspawn hosts don't show.
    ignorePreflightErrors: ["SystemVerification"],
    hosts,
  };
  await writeFile(file, stringify({ ...old, config: { ...old.config, "ha-kubernetes:cluster": cluster } }), {
    mode: 0o600,
  });
}

/** What runs on the cluster: all that the lab has images of. */
function services({ without = [] }: Shape) {
  const on = (part: Part) => !without.includes(part);
  return {
    storage: { localPath: { enabled: on("storage") } },
    // Grafana's image is not among what can be built here.
    monitoring: { enabled: on("monitoring"), metricsServer: on("monitoring"), grafana: false },
    // Nor is Loki's.
    logs: { enabled: on("logs"), store: "victorialogs" },
    ...(on("backup") && {
      backup: {
        s3: { url: `http://${OBJECT_STORE.address}:${OBJECT_STORE.port}`, bucket: BUCKET, ...STORE_KEYS },
      },
    }),
    // Debian 12's nginx and MariaDB, which are what the lab can make images of.
    ...(on("samples") && {
      samples: {
        webApp: true,
        distributedApp: true,
        nginxHa: on("monitoring"),
        nginxImage: LAB_NGINX_IMAGE,
        mysql: { enabled: on("storage"), engine: "mariadb", image: LAB_MARIADB_IMAGE },
      },
    }),
  };
}

/** Writes the pinned host keys for the ssh client, under the hosts' names. */
export async function writeKnownHosts(lab: Lab, shape: Shape): Promise<void> {
  const lines = await Promise.all(
    hostsOf(shape).map(async ({ name }) => `${name} ${await hostKey(lab, name)}\n`),
  );
  await writeFile(join(lab.dir, "ssh", "known_hosts"), lines.join(""));
}

/** Public host key of a host, without its comment. */
async function hostKey(lab: Lab, name: string): Promise<string> {
  const text = await readFile(join(lab.dir, "ssh", `host_${name}_ed25519.pub`), "utf8");
  return text.trim().split(" ").slice(0, 2).join(" ");
}
