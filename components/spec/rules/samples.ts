import { plural, problem, type Facts, type Judgement } from "./facts";

/** Replicas of `web-app`, each on a host of its own. */
const WEB_APP_REPLICAS = 3;

/** What the samples ask of the cluster. */
export function* samples({ config, byRole }: Facts): Generator<Judgement> {
  const { webApp, nginxHa } = config.samples ?? {};
  const workers = byRole?.("worker").length;
  if (webApp === true && workers !== undefined && workers < WEB_APP_REPLICAS) {
    const message = `needs ${WEB_APP_REPLICAS} workers, as no two of its replicas share one, and there ${workers === 1 ? "is" : "are"} ${plural(workers, "worker")}`;
    yield problem("samples.webApp", webApp, message, "add workers, or set samples.webApp: false");
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
