import { kubectl } from "./support";

/** Alerts that judge a host: all hosts of the lab show one machine's, which the tests load, and which moves the VIP if it stands still for 0.8 s. */
export const OF_THE_MACHINE = ["NodeHighCPU", "NodeHighMemory", "NodeDiskAlmostFull", "VIPMoved"];

/** One series of an answer. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Asks one of the lab's Prometheus, from within its pod: nobody else is let in. */
export async function query(expression: string, replica = "prometheus-0"): Promise<Sample[]> {
  const answer = await kubectl(
    ...["-n", "monitoring", "exec", replica, "--"],
    ...["promtool", "query", "instant", "--format=json", "http://localhost:9090", expression],
  );
  const series = JSON.parse(answer) as { metric: Record<string, string>; value: [number, string] }[];
  return series.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
}

/** A label of each sample, sorted and each once. */
export function labels(samples: readonly Sample[], name: string): string[] {
  return [...new Set(samples.map(({ metric }) => metric[name] ?? ""))].sort();
}
