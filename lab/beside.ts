import { spawn } from "node:child_process";
import type { Lab } from "./lab";
import { run } from "./run";

/** Starts a server in the lab's network namespace, with which it ends; gives its process id. */
export function startBeside(
  lab: Lab,
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
): number | undefined {
  const command = [`--net=/run/netns/${lab.netns}`, program, ...args];
  const child = spawn("nsenter", command, { detached: true, stdio: "ignore", env });
  child.unref();
  return child.pid;
}

/** Whether curl gets an answer there, asked from the lab's network namespace. */
export function answersBeside(lab: Lab, curl: string[]): Promise<boolean> {
  const command = [`--net=/run/netns/${lab.netns}`, "curl", "--max-time", "2", ...curl];
  return run("nsenter", command).then(
    () => true,
    () => false,
  );
}

/** Waits ten seconds for a server that was started; `what` and where it is, for the error. */
export async function untilItAnswers(what: string, answers: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await answers()); i++) {
    if (i > 50) throw new Error(`${what} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
