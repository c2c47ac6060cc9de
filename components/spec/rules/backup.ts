import { warning, type Facts, type Judgement } from "./facts";
import { inClear } from "./stores";

/** What is allowed of a backup, but unwise. */
export function* backup({ config }: Facts): Generator<Judgement> {
  const { s3, schedule } = config.backup ?? {};
  yield* inClear("backup.s3.url", s3?.url, "the cluster's Secrets", "; backup.s3.caCert is its CA");
  if (schedule !== undefined && !schedule.endsWith(" * * *")) {
    yield warning(
      "backup.schedule",
      schedule,
      "leaves out days, and the alert WorkloadBackupTooOld waits 36 hours",
      'write every day, as in "30 2 * * *", or silence that alert',
    );
  }
}
