import { problem, warning, type Facts, type Judgement } from "./facts";

/** Nodes of the config: what writes samples and lines. */
export function nodesOf(byRole: NonNullable<Facts["byRole"]>): { masters: number; nodes: number } {
  const masters = byRole("master").length;
  return { masters, nodes: masters + byRole("worker").length };
}

/** What is to be kept does not fit its volume; says what would. */
export function* fits(
  section: "monitoring" | "logs",
  kept: { nodes: number; days: number; neededGiB: number; volumeGiB: number },
  otherwise = "",
): Generator<Judgement> {
  const { nodes, days, neededGiB, volumeGiB } = kept;
  if (neededGiB <= volumeGiB) return;
  const message = `days of ${nodes} nodes take about ${neededGiB} GiB, and the volume has ${volumeGiB}`;
  const fewer = Math.max(1, Math.floor((days * volumeGiB) / neededGiB));
  const cure = `write ${section}.volumeGiB: ${neededGiB} or more, or ${fewer} days${otherwise}`;
  yield problem(`${section}.retentionDays`, days, message, cure);
}

/** A store of objects is reached without TLS. */
export function* inClear(
  path: string,
  url: string | undefined,
  what: string,
  more = "",
): Generator<Judgement> {
  if (url?.startsWith("http:") !== true) return;
  const cure = `give the store a certificate and write https${more}`;
  yield warning(path, url, `takes ${what} over the network in clear`, cure);
}
