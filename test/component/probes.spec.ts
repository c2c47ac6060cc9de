import assert from "node:assert/strict";
import type { Asked } from "./support/engine";
import { exampleRun, smallWith, STACKS } from "./support/stacks";
import { reveal } from "./support/wire";

interface Container {
  name: string;
  livenessProbe?: { timeoutSeconds?: number; periodSeconds?: number; failureThreshold?: number };
}

/** By which probes a kubelet ends what an object runs. */
function probes({ inputs }: Asked): ({ container: string } & Container["livenessProbe"])[] {
  const { spec } = reveal(inputs) as unknown as {
    spec?: { template?: { spec?: { containers?: Container[] } } };
  };
  return (spec?.template?.spec?.containers ?? []).flatMap(({ name, livenessProbe }) =>
    livenessProbe ? [{ container: name, ...livenessProbe }] : [],
  );
}

describe("what a kubelet may end", () => {
  it("waits for a minute, as a busy host lets it", async () => {
    const runs = [
      ...STACKS.map(exampleRun),
      smallWith("samples", { webApp: true, mysql: { enabled: true } }),
    ];
    const probed = (await Promise.all(runs)).flatMap(({ all }) => all.flatMap(probes));
    assert.deepEqual(
      [...new Set(probed.map(({ container }) => container))].sort(),
      (
        "alertmanager grafana kube-router kube-state-metrics log-collector loki metrics-server nginx node-agent " +
        "node-exporter prometheus role server velero"
      ).split(" "),
    );
    for (const { container, timeoutSeconds = 1, periodSeconds = 10, failureThreshold = 3 } of probed) {
      assert.ok(timeoutSeconds >= 5, container);
      assert.ok(periodSeconds * failureThreshold >= 60, container);
    }
  });
});
