/** The official plugin's retries: back-off from 0.1 s by 1.5 up to 5 s (pulumi/pulumi: sdk/go/common/util/retry). */
import type { Call } from "../wire/resource";

const FIRST_DELAY_MS = 100;
const BACKOFF = 1.5;
const MAX_DELAY_MS = 5000;

/**
 * Tries until it works or `limit` failures have been followed by one more; -1 is no limit.
 * The count in the error is the limit, not the number of tries, as in the official plugin.
 */
export async function withRetry<T>(
  what: string,
  limit: number,
  call: Pick<Call, "signal" | "log">,
  attempt: (index: number) => Promise<T>,
): Promise<T> {
  let delay = FIRST_DELAY_MS;
  for (let failed = 0; ; failed++) {
    if (call.signal.aborted) throw reason(call.signal);
    try {
      return await attempt(failed);
    } catch (error) {
      if (limit >= 0 && failed >= limit) {
        throw new Error(
          `after ${failed} failed attempts: ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
      }
      call.log.status(`${what} ${failed + 1}/${limit < 0 ? "inf" : limit} failed: retrying`);
    }
    await pause(delay, call.signal);
    delay = Math.min(delay * BACKOFF, MAX_DELAY_MS);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(reason(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** The words of Go's contexts for the two ways a signal fires. */
export function reason(signal: AbortSignal): Error {
  const timedOut = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  return new Error(timedOut ? "context deadline exceeded" : "context canceled");
}
