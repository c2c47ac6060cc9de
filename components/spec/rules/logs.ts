import { classesOn } from "../storageClasses";
import { problem, warning, type Facts, type Judgement } from "./facts";

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
  if (s3?.url?.startsWith("http:") === true) {
    const cure = "give the store a certificate and write https";
    yield warning("logs.s3.url", s3.url, "takes what is logged over the network in clear", cure);
  }
  // VictoriaLogs drops its oldest days before its volume is full.
  if (store === "victorialogs" || s3 !== undefined || profile === undefined || byRole === undefined) return;
  const days = given.retentionDays ?? profile.logs.retentionDays;
  const volumeGiB = given.volumeGiB ?? profile.logs.volumeGiB;
  const nodes = byRole("master").length + byRole("worker").length;
  const needed = Math.ceil((nodes * NODE_DAY_MIB * days) / 1024);
  if (needed > volumeGiB) {
    const message = `days of ${nodes} nodes take about ${needed} GiB, and the volume has ${volumeGiB}`;
    const fits = Math.max(1, Math.floor((days * volumeGiB) / needed));
    const cure = `write logs.volumeGiB: ${needed} or more, or ${fits} days, or take a bucket (logs.s3)`;
    yield problem("logs.retentionDays", days, message, cure);
  }
}
