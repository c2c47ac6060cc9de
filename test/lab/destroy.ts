import { strict as assert } from "node:assert";
import { running } from "../../lab/hosts/hosts";
import { engineOf, operate } from "../../lab/up";
import { lab, on, progress, state } from "./support";

/** What a host has that a fresh one has not. */
const LEFT = `
  for path in /etc/kubernetes /etc/etcd /etc/containerd /etc/cni /opt/cni /var/lib/ha-kubernetes /var/cache/ha-kubernetes \\
    /var/log/ha-kubernetes /run/ha-kubernetes /root/.ha-kubernetes-*; do [ ! -e "$path" ] || echo "$path"; done
  find /var/lib/kubelet /var/lib/containerd /var/lib/etcd -mindepth 1 2>/dev/null | head -n 3
  for name in kubelet containerd etcd haproxy keepalived; do ! systemctl is-active --quiet "$name" || echo "$name runs"; done
  pgrep -l 'kube|etcd|containerd|haproxy|keepalived' || true
  ip -o link | grep -E 'kube|cali|veth' || true
  iptables-save 2>/dev/null | grep -E 'KUBE|CNI' | head -n 3 || true
  ls /usr/local/bin /usr/local/sbin`;

/** Destroys the stack and looks at every host that runs. */
export async function destroyAndLook(): Promise<void> {
  await operate(lab, await engineOf(lab), progress, [
    "destroy",
    "--yes",
    "--skip-preview",
    "--parallel",
    "48",
  ]);
  assert.equal((await state()).resources.filter(({ type }) => type !== "pulumi:pulumi:Stack").length, 0);
  for (const { name } of await running(lab)) {
    assert.equal(await on(name, LEFT), "/usr/local/bin:\n\n/usr/local/sbin:", `left on ${name}`);
  }
}
