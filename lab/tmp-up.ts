import { Engine } from "./engine";
import { thisLab } from "./lab";
import { Progress } from "./progress";
import { operate } from "./up";
import { traceTable } from "./trace";
(async () => {
  const lab = thisLab(); const progress = new Progress();
  const engine = new Engine(lab, "/root/.cache/ha-kubernetes/tools/pulumi-3.274.1-0014483456aa");
  const f = await operate(lab, engine, progress, process.argv.slice(2));
  console.log(traceTable(f.steps), f.changes);
  for (const s of f.steps) if (s.parts) console.log(s.name, s.parts);
  progress.stop();
})().catch((e) => { console.error(e.message); process.exit(1); });
