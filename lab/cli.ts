import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { down as removeHosts } from "./hosts/hosts";
import { thisLab } from "./lab";
import { passThrough } from "./run";
import { DEFAULT_SHAPE, hostsOf, PARTS, type Part, type Shape } from "./shape";
import { engineOf, readState, up } from "./up";
import { status } from "./status";

const lab = thisLab();
const program = new Command("lab")
  .description("A real highly available Kubernetes cluster on this machine")
  .enablePositionalOptions();

program
  .command("up", { isDefault: true })
  .description("build the cluster, or bring it to the wanted shape")
  .addOption(new Option("--topology <topology>", "where etcd runs").choices(["stacked", "external"]))
  .option("--masters <n>", "masters", count)
  .option("--workers <n>", "workers", count)
  .addOption(
    new Option(
      "--without <part...>",
      "parts to go without, which are not built either; none: with all",
    ).choices([...PARTS, "none"]),
  )
  .action(({ without, ...shape }: Partial<Omit<Shape, "without">> & { without?: (Part | "none")[] }) =>
    up(lab, { ...shape, ...(without && { without: without.filter((part) => part !== "none") }) }),
  );

program
  .command("down")
  .description("remove hosts, network, state and everything else of this lab")
  .action(async () => {
    await removeHosts(lab);
    await rm(lab.dir, { recursive: true, force: true });
  });

program
  .command("test")
  .description("run the lab's tests on hosts of this lab")
  .option(
    "--full",
    "also the long ones, *.full.spec.ts: every way in, fault and kill, two labs, another Debian",
  )
  .option("--only <name>", "just the spec files whose name holds this")
  .action(async ({ full, only }: { full?: boolean; only?: string }) => {
    const { runLabTests } = await import("./test.js");
    process.exit((await runLabTests(full ?? false, only)) > 0 ? 1 : 0);
  });

program
  .command("status")
  .description("hosts, nodes and memory at a glance")
  .action(() => status(lab));

pass("kubectl", "kubectl on the lab's cluster", async (args) => {
  const state = await readState(lab);
  if (!state) throw new Error("there is no lab in this checkout yet. Next: npm run lab");
  return inNetwork(state.tools.kubectl, ["--kubeconfig", join(lab.dir, "kubeconfig"), ...args]);
});

pass("pulumi", "pulumi on the lab's stack", async (args) => {
  const engine = await engineOf(lab);
  const [command, words] = engine.command(args);
  return passThrough(command, words, engine.env);
});

pass("ssh", "ssh HOST [COMMAND]: as root on a host of the lab", async ([name, ...command]) => {
  const state = await readState(lab);
  const host = hostsOf(state?.shape ?? { ...DEFAULT_SHAPE, masters: 0, workers: 0 }).find(
    (one) => one.name === name,
  );
  if (!host) throw new Error(`the lab has no host ${name ?? ""}. Next: npm run lab -- status`);
  const known = join(lab.dir, "ssh", "known_hosts");
  const options = [
    `UserKnownHostsFile=${known}`,
    "StrictHostKeyChecking=yes",
    "LogLevel=ERROR",
    `HostKeyAlias=${host.name}`,
  ];
  return inNetwork("ssh", [
    "-i",
    join(lab.dir, "ssh", "id_ed25519"),
    ...options.flatMap((option) => ["-o", option]),
    `root@${host.address}`,
    ...command,
  ]);
});

/** A command that hands all its words on, and ends with the exit code of what it ran. */
function pass(name: string, description: string, run: (args: string[]) => Promise<number>): void {
  program
    .command(name)
    .description(description)
    .argument("[args...]")
    .allowUnknownOption()
    .helpOption(false)
    .passThroughOptions()
    .action(async (args: string[]) => {
      process.exitCode = await run(args);
    });
}

function inNetwork(command: string, args: string[]): Promise<number> {
  return passThrough("nsenter", [`--net=/run/netns/${lab.netns}`, command, ...args]);
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("a whole number, please");
  return value;
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
