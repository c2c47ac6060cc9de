import { classesOn } from "../storageClasses";
import { problem, type Facts, type Judgement } from "./facts";
import { fits, inClear, nodesOf } from "./stores";

/** MiB that a node's lines take a day: 500 MiB packed to a tenth, twice. */
const NODE_DAY_MIB = 100;

/** Where lines are kept, and whether that store can. */
export function* logs({ config, profile, byRole }: Facts): Generator<Judgement> {
  const { enabled, store, s3, ...given } = config.logs ?? {};
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
  yield* inClear("logs.s3.url", s3?.url, "what is logged");
  // VictoriaLogs drops its oldest days before its volume is full.
  if (store === "victorialogs" || s3 !== undefined || profile === undefined || byRole === undefined) return;
  const days = given.retentionDays ?? profile.logs.retentionDays;
  const volumeGiB = given.volumeGiB ?? profile.logs.volumeGiB;
  const { nodes } = nodesOf(byRole);
  const neededGiB = Math.ceil((nodes * NODE_DAY_MIB * days) / 1024);
  yield* fits("logs", { nodes, days, neededGiB, volumeGiB }, ", or take a bucket (logs.s3)");
}
