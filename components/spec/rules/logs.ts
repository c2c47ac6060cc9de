import { classesOn } from "../storageClasses";
import { problem, type Facts, type Judgement } from "./facts";

/** Where lines are kept, and whether that store can. */
export function* logs({ config }: Facts): Generator<Judgement> {
  const { enabled, store, s3 } = config.logs ?? {};
  if (enabled !== true) return;
  if (classesOn(config.storage ?? {}).length === 0) {
    const message = "needs volumes, and no kind of volume is on";
    const cure = "set storage.localPath.enabled, storage.ceph or storage.nfs, or logs.enabled: false";
    yield problem("logs.enabled", enabled, message, cure);
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
