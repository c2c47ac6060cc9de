import { GIB, SAMPLES_FILL } from "../profiles";
import { classesOn } from "../storageClasses";
import { problem, warning, type Facts, type Judgement } from "./facts";
import { fits, nodesOf } from "./stores";

/** Series of one node with some 30 pods: 3500 of its own, of which the kubelet's are most, and about 90 for a pod (lab, 2026-11-27). */
export const SERIES_PER_NODE = 6000;

/** Series of one master: 20,000 of the API server's histograms, 4000 of its neighbours (lab, 2026-11-27). */
export const SERIES_PER_MASTER = 25_000;

/** Bytes of a sample on the disk (Prometheus' docs, storage: 1 to 2). */
const BYTES_PER_SAMPLE = 1.5;

/** Bytes that so many nodes' samples take in so many days. */
export function retainedBytes(size: {
  nodes: number;
  masters: number;
  scrapeIntervalSeconds: number;
  retentionDays: number;
}): number {
  const series = size.nodes * SERIES_PER_NODE + size.masters * SERIES_PER_MASTER;
  return (series / size.scrapeIntervalSeconds) * size.retentionDays * 86_400 * BYTES_PER_SAMPLE;
}

/** Volumes that Prometheus and Alertmanager need, and whether what is to be kept fits. */
export function* monitoring({ config, profile, byRole }: Facts): Generator<Judgement> {
  const { enabled, ...given } = config.monitoring ?? {};
  if (enabled !== true) return;
  const classes = classesOn(config.storage ?? {});
  if (classes.length === 0) {
    const message = "needs volumes, and no kind of volume is on";
    const cure = "set storage.localPath.enabled, storage.ceph or storage.nfs, or monitoring.enabled: false";
    yield problem("monitoring.enabled", enabled, message, cure);
  }
  if (classes.every((name) => name === "nfs-client") && classes.length > 0) {
    const message = "keeps its samples on NFS, on which Prometheus may corrupt them";
    yield warning("monitoring.enabled", enabled, message, "set storage.localPath.enabled or storage.ceph");
  }
  const { username, passwordSecret } = given.receivers?.email ?? {};
  if ((username === undefined) !== (passwordSecret === undefined)) {
    const [there, lacks] =
      username === undefined ? ["passwordSecret", "username"] : ["username", "passwordSecret"];
    yield problem(
      `monitoring.receivers.email.${there}`,
      username ?? passwordSecret,
      `stands without ${lacks}, so nobody can log in at the mail server`,
      "write both, or delete it",
    );
  }
  if (profile === undefined || byRole === undefined) return;
  const retentionDays = given.retentionDays ?? profile.monitoring.retentionDays;
  const volumeGiB = given.volumeGiB ?? profile.monitoring.volumeGiB;
  const { masters, nodes } = nodesOf(byRole);
  const { scrapeIntervalSeconds } = profile.monitoring;
  const bytes = retainedBytes({ nodes, masters, scrapeIntervalSeconds, retentionDays });
  const neededGiB = Math.ceil(bytes / SAMPLES_FILL / GIB);
  yield* fits("monitoring", { nodes, days: retentionDays, neededGiB, volumeGiB });
}
