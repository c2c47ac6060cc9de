import { join } from "node:path";
import type { ClusterSpec, Role } from "../../components";
import { artifactManifest } from "../../components/spec/artifacts";
import type { Lab } from "../../lab/lab";
import type { Run } from "../../test/component/support/engine";

/** The hosts by their roles, in the order of the addresses' use. */
export function byRole({ hosts }: ClusterSpec) {
  return [
    ["etcd", hosts.etcd],
    ["loadbalancer", hosts.loadBalancers],
    ["master", hosts.masters],
    ["worker", hosts.workers],
  ] as const;
}

/** Shell variables; the checks get the very parameters that `up` gives them. */
export function inventory(cluster: ClusterSpec, run: Run): string {
  const words = (list: readonly { name: string }[]) => list.map(({ name }) => name).join(" ");
  const check = (run.named("bench-master-m1-check").inputs.create as string).replace(/^.* check /, "");
  const all = byRole(cluster).flatMap(([, hosts]) => [...hosts]);
  return [
    `endpoint=${cluster.endpoint.address}:${cluster.endpoint.port}`,
    ...byRole(cluster).map(([role, hosts]) => `${role}s=(${words(hosts)})`),
    `declare -A address=(${all.map((host) => `[${host.name}]=${host.address}`).join(" ")})`,
    `checks=(${check})`,
    "",
  ].join("\n");
}

/** Configuration of the ssh client: pinned host keys, one connection to each host. */
export function sshConfig(lab: Lab, cluster: ClusterSpec): string {
  const all = byRole(cluster).flatMap(([, hosts]) => [...hosts]);
  const ssh = join(lab.dir, "ssh");
  return [
    ...all.map((host) => `Host ${host.name}\n  HostName ${host.address}\n  HostKeyAlias ${host.name}\n`),
    `Host *\n  User root\n  IdentityFile ${join(ssh, "id_ed25519")}\n  IdentitiesOnly yes\n`,
    `  UserKnownHostsFile ${join(ssh, "known_hosts")}\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n`,
    "  ControlMaster auto\n  ControlPersist 600\n",
  ].join("");
}

/** Lines "SHA256 PATH TARGET [MEMBER...]" of programs, then "SHA256 PATH image" of image archives. */
export function artifacts(cluster: ClusterSpec, role: Role, manifest: string): string {
  const { binaries, images } = artifactManifest(cluster);
  const lines = manifest
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  const sum = (path: string) => {
    const [found] = lines.find(([, one]) => one === path) ?? [];
    if (found === undefined) throw new Error(`the bundle has no ${path}`);
    return found;
  };
  const target = (name: string) =>
    ({
      "cni-plugins": "/opt/cni/bin",
      containerd: "/usr/local/bin",
      etcd: "/usr/local/bin",
      runc: "/usr/local/sbin/runc",
    })[name] ?? `/usr/local/bin/${name}`;
  const wanted = lines.filter(([, , ...names]) => names.some((name) => images[role].includes(name)));
  return [
    ...binaries[role].map((one) => [sum(one.path), one.path, target(one.name), ...one.members].join(" ")),
    ...wanted.map(([sha256, path]) => `${sha256 ?? ""} ${path ?? ""} image`),
    "",
  ].join("\n");
}
