import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { HaCluster, parseCluster, standaloneChecks, type Role } from "../../components";
import { vrrpPriority } from "../../components/loadbalancer/keepalived";
import { nodeLabels } from "../../components/node/labels";
import { BUNDLE_SERVER, type Lab } from "../../lab/lab";
import { record, type Run } from "../../test/component/support/engine";
import { artifacts, byRole, inventory, sshConfig } from "./inventory";
import { INTERFACE, KUBELET_OF_THE_LAB, modeOf, PLACES } from "./places";

/** Writes what by-hand.sh starts from: per host a tree of its config files, without any key, and who the hosts are. */
export async function renderByHand(lab: Lab, bundle: string, folder: string): Promise<void> {
  const stack = parse(await readFile(join(lab.dir, "Pulumi.lab.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };
  const cluster = parseCluster(stack.config["ha-kubernetes:cluster"]);
  const run = await record(() => new HaCluster("bench", { cluster }));
  const manifest = await readFile(join(bundle, "manifest.txt"), "utf8");
  await rm(folder, { recursive: true, force: true });
  for (const [role, hosts] of byRole(cluster)) {
    const files = run.named(`bench-${SCRIPT_OWNER[role]}-script`).inputs.files as Record<string, string>;
    const places = { ...(isNode(role) && PLACES.node), ...PLACES[role] };
    for (const [index, host] of hosts.entries()) {
      const tree = join(folder, "hosts", host.name);
      const values: Record<string, string> = {
        host: host.name,
        address: host.address,
        labels: nodeLabels(host),
        restrict_oom: "true",
        interface: INTERFACE,
        priority: String(vrrpPriority(index)),
        ...peers(host.address, hosts),
      };
      for (const [name, place] of Object.entries(places)) {
        const text = files[name];
        if (text === undefined) throw new Error(`the package has no file ${name} for a ${role} any more`);
        await put(join(tree, place), filled(text, values), modeOf(place));
      }
      if (isNode(role))
        await put(join(tree, "etc/kubernetes/kubelet.conf.d/10-host.conf"), KUBELET_OF_THE_LAB, 0o600);
      await put(join(tree, "root/by-hand/artifacts"), artifacts(cluster, role, manifest), 0o644);
      for (const script of await readdir(join(__dirname, "hosts")))
        await copyFile(join(__dirname, "hosts", script), join(tree, "root/by-hand", script));
      if (role === "master") {
        await put(join(tree, "root/by-hand/network.yaml"), networkObjects(run), 0o600);
        await put(join(tree, "root/by-hand/checks.sh"), standaloneChecks(), 0o600);
      }
    }
  }
  await put(join(folder, "inventory"), inventory(cluster, run), 0o600);
  await put(join(folder, "ssh_config"), sshConfig(lab, cluster), 0o600);
}

const SCRIPT_OWNER: Record<Role, string> = {
  etcd: "etcd",
  loadbalancer: "lb",
  master: "master",
  worker: "worker",
};

function isNode(role: Role): boolean {
  return role === "master" || role === "worker";
}

function peers(address: string, hosts: readonly { address: string }[]): Record<string, string> {
  const others = hosts.map((host) => host.address).filter((other) => other !== address);
  const lines = ["  check_unicast_src", `  unicast_src_ip ${address}`, "  unicast_peer {"];
  return {
    vrrp_sources: [address, ...others].join(", "),
    unicast: [...lines, ...others.map((other) => `    ${other}`), "  }"].join("\n"),
  };
}

function filled(text: string, values: Record<string, string>): string {
  return text.replace(/@(\w+)@/g, (mark, name: string) => values[name] ?? mark);
}

function networkObjects(run: Run): string {
  const objects = run.all.filter(({ type }) => type.startsWith("kubernetes:"));
  return objects.map(({ inputs }) => stringify(inputs)).join("---\n");
}

/** Address of the bundle, for the hosts. */
export const BUNDLE_URL = `http://${BUNDLE_SERVER.address}:${BUNDLE_SERVER.port}`;

async function put(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text.endsWith("\n") ? text : `${text}\n`, { mode });
}
