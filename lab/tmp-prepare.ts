import { join } from "node:path";
import { Engine } from "./engine";
import { serveBundle } from "./bundleServer";
import { thisLab } from "./lab";
import { Progress } from "./progress";
import { writeStackConfig, SSH_KEY } from "./stackConfig";
import { getTools } from "./tools";
import { DEFAULT_SHAPE } from "./shape";
import { readFile, writeFile } from "node:fs/promises";
(async () => {
  const lab = thisLab(); const progress = new Progress();
  const tools = await getTools(lab, progress);
  await serveBundle(lab, tools.bundle);
  const engine = new Engine(lab, tools.pulumi);
  await engine.prepare();
  await writeStackConfig(lab, DEFAULT_SHAPE, tools.bundle, engine.configFile);
  if (!(await readFile(engine.configFile, "utf8")).includes(`ha-kubernetes:${SSH_KEY}:`)) {
    await engine.pulumi(["config", "set", "--secret", SSH_KEY], { input: await readFile(join(lab.dir, "ssh", "id_ed25519"), "utf8") });
  }
  await writeFile(join(lab.dir, "lab.json"), JSON.stringify({ shape: DEFAULT_SHAPE, tools }, null, 2));
  console.log(tools);
  progress.stop();
})().catch((e) => { console.error(e); process.exit(1); });
