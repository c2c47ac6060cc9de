import { strict as assert } from "node:assert";
import { create, eventually, kubectl } from "./support";

/** Where Velero's objects are. */
const PATH = "/apis/velero.io/v1/namespaces/velero";

/** What a backup or a restore says of itself. */
interface Run {
  readonly status?: { readonly phase?: string; readonly errors?: number; readonly warnings?: number };
}

/** Makes a backup of everything by the schedule's own template, as one of its own; it must be good within the seconds. */
export async function backUp(name: string, seconds: number): Promise<void> {
  const schedule = await kubectl("-n", "velero", "get", "schedules.velero.io", "daily", "-o", "json");
  const { spec } = JSON.parse(schedule) as { spec: { template: object } };
  await create(`${PATH}/backups`, {
    apiVersion: "velero.io/v1",
    kind: "Backup",
    metadata: { name, namespace: "velero", labels: { "velero.io/schedule-name": "daily" } },
    spec: spec.template,
  });
  await completed("backups.velero.io", name, seconds);
}

/** Restores one namespace of a backup; all of it must be there within the seconds. */
export async function restore(
  name: string,
  backupName: string,
  namespace: string,
  seconds: number,
): Promise<void> {
  await create(`${PATH}/restores`, {
    apiVersion: "velero.io/v1",
    kind: "Restore",
    metadata: { name, namespace: "velero" },
    spec: { backupName, includedNamespaces: [namespace] },
  });
  await completed("restores.velero.io", name, seconds);
}

async function completed(kind: string, name: string, seconds: number): Promise<void> {
  const end = await eventually(seconds, async () => {
    const run = JSON.parse(await kubectl("-n", "velero", "get", kind, name, "-o", "json")) as Run;
    assert.match(
      run.status?.phase ?? "",
      /^(Completed|PartiallyFailed|Failed|FailedValidation)$/,
      `${kind} ${name} is not done`,
    );
    return run;
  });
  assert.equal(end.status?.phase, "Completed", `${kind} ${name}: ${JSON.stringify(end.status)}`);
}
