import { classesOn } from "../storageClasses";
import { plural, problem, type Facts, type Judgement } from "./facts";

/** Replicas of `web-app` and of `mysql`, each on a host of its own. */
const APART = 3;

/** What the samples ask of the cluster. */
export function* samples({ config, byRole }: Facts): Generator<Judgement> {
  const { webApp, nginxHa, mysql } = config.samples ?? {};
  const workers = byRole?.("worker").length;
  const apart = { "samples.webApp": webApp, "samples.mysql.enabled": mysql?.enabled };
  for (const [path, on] of Object.entries(apart)) {
    if (on !== true || workers === undefined || workers >= APART) continue;
    const message = `needs ${APART} workers, as no two of its replicas share one, and there ${workers === 1 ? "is" : "are"} ${plural(workers, "worker")}`;
    yield problem(path, on, message, `add workers, or set ${path}: false`);
  }
  if (mysql?.enabled === true && classesOn(config.storage ?? {}).every((name) => name === "nfs-client")) {
    const message = "needs volumes of class fast-ssd, which nothing makes";
    yield problem(
      "samples.mysql.enabled",
      true,
      message,
      "set storage.localPath.enabled or storage.ceph, or samples.mysql.enabled: false",
    );
  }
  if (nginxHa === true && config.monitoring?.metricsServer === false) {
    const message = "scales by usage, which nobody measures";
    yield problem(
      "samples.nginxHa",
      nginxHa,
      message,
      "set monitoring.metricsServer: true, or samples.nginxHa: false",
    );
  }
}
