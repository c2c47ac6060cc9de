import { problem, type Facts, type Judgement } from "./facts";

/** Where lines are kept, and whether that store can. */
export function* logs({ config }: Facts): Generator<Judgement> {
  const { enabled, store, s3 } = config.logs ?? {};
  if (enabled !== true) return;
  if (config.storage?.localPath?.enabled === false) {
    const message = "needs volumes, and no kind of volume is on";
    yield problem("logs.enabled", enabled, message, "set storage.localPath.enabled or logs.enabled: false");
  }
  if (store === "victorialogs" && s3 !== undefined) {
    yield problem(
      "logs.s3",
      s3.bucket,
      "is not used by VictoriaLogs",
      "write logs.store: loki, or delete it",
    );
  }
}
