import { parseFindings, type Finding } from "../../components/checks/findings";
import { standaloneChecks } from "../../components/checks/scripts";
import { on } from "./support";

/** What the checks say of the pods in these namespaces and kube-system, at once. */
export async function lookAtPods(...namespaces: string[]): Promise<Finding | undefined> {
  await on("m1", `cat >/tmp/checks.sh <<'CHECKS'\n${standaloneChecks()}\nCHECKS`);
  const which = `--fast /etc/kubernetes/admin.conf namespaces=${["kube-system", ...namespaces].join(",")}`;
  const findings = parseFindings(await on("m1", `bash /tmp/checks.sh ${which} || true`));
  return findings.find(({ check }) => check === "system-pods");
}
