import { once } from "node:events";
import type { ChildProcess } from "node:child_process";

/** Whether it was started and has not ended. */
export function running(child: ChildProcess | undefined): child is ChildProcess & { pid: number } {
  return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Ends a process and all of its group, as a host without power does. */
export async function ended(child: ChildProcess | undefined): Promise<void> {
  if (!running(child)) return;
  const exit = once(child, "exit");
  process.kill(-child.pid, "SIGKILL");
  await exit;
}
