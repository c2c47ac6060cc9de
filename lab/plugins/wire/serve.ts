/** The process of a plugin: it says who it is, serves, and ends with its engine. */
import * as grpc from "@grpc/grpc-js";
import { engineLogs } from "./log";
import type { Plugin } from "./resource";
import { definition, service } from "./service";

/** How long after a Cancel the process stays for the engine's last questions. */
const GRACE_MS = 500;

/** How often the process looks whether its engine still lives; an engine that was killed can't say goodbye. */
const ORPHAN_CHECK_MS = 1000;

/** Serves a plugin to the engine whose address is the first argument. */
export async function serve(plugin: Plugin): Promise<void> {
  process.stderr.write(
    `${plugin.name} ${plugin.version}: this is the lab's stand-in, not the official Pulumi plugin; ` +
      `it is for machines that cannot download that one\n`,
  );
  const server = new grpc.Server({
    // The SDKs' limit too: scripts and archives are larger than gRPC's 4 MB.
    "grpc.max_receive_message_length": 400 * 1024 * 1024,
    "grpc.max_send_message_length": 400 * 1024 * 1024,
  });
  const onCancelled = (): void => {
    setTimeout(() => process.exit(0), GRACE_MS);
  };
  server.addService(
    definition,
    service(plugin, { logs: engineLogs(engineAddress(process.argv.slice(2))), onCancelled }),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  process.stdout.write(`${port}\n`);
  endWithParent();
}

/** The engine's address among the arguments, after the flags it may put before it. */
export function engineAddress(args: readonly string[]): string | undefined {
  const tracing = args.indexOf("--tracing");
  return args.find((arg, i) => !arg.startsWith("-") && (tracing === -1 || i !== tracing + 1));
}

function endWithParent(): void {
  const parent = Number(process.env["STAND_IN_PARENT"] ?? process.ppid);
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, ORPHAN_CHECK_MS).unref();
}
