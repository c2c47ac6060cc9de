/** A built plugin as a process, with a small engine that it reports to; the engine's real part is engine.lab.ts. */
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import type * as proto from "@pulumi/pulumi/proto/provider_pb";
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Props } from "../../../lab/plugins/wire/values";

/** A running plugin. */
export interface PluginProcess {
  client: ResourceProviderClient;
  child: ChildProcess;
  /** What it said on stderr so far. */
  stderr(): string;
  /** Milliseconds from the start to the port. */
  startup: number;
}

/** Starts the plugin of a folder, telling it the engine's address. */
export async function startPlugin(folder: string, name: string, engine: string): Promise<PluginProcess> {
  const begin = Date.now();
  const child = spawn(join(folder, `pulumi-resource-${name}`), [engine], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (stderr += piece));
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", (line: string) => resolve(line.trim()));
    child.once("exit", (code) => reject(new Error(`the plugin ended with ${code}: ${stderr}`)));
  });
  const startup = Date.now() - begin;
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return { client, child, stderr: () => stderr, startup };
}

/** One log message as the engine gets it. */
export type Heard = LogRequest.AsObject;

/** Starts the small engine, which only listens to logs. */
export async function startEngine(): Promise<{ address: string; heard: Heard[]; stop(): void }> {
  const heard: Heard[] = [];
  const server = new grpc.Server();
  const log: grpc.handleUnaryCall<LogRequest, Empty> = (call, done) => {
    heard.push(call.request.toObject());
    done(null, new Empty());
  };
  server.addService(EngineService, { log });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, heard, stop: () => server.forceShutdown() };
}

/** The protocol's calls in use, each with what goes and what comes. */
interface Calls {
  getPluginInfo: [Empty, PluginInfo];
  configure: [proto.ConfigureRequest, proto.ConfigureResponse];
  check: [proto.CheckRequest, proto.CheckResponse];
  diff: [proto.DiffRequest, proto.DiffResponse];
  create: [proto.CreateRequest, proto.CreateResponse];
  update: [proto.UpdateRequest, proto.UpdateResponse];
  delete: [proto.DeleteRequest, Empty];
  read: [proto.ReadRequest, proto.ReadResponse];
  cancel: [Empty, Empty];
}

/** One call of the protocol as a promise. */
export function ask<Name extends keyof Calls>(
  { client }: Pick<PluginProcess, "client">,
  name: Name,
  request: Calls[Name][0],
): Promise<Calls[Name][1]> {
  type Method = (
    request: Calls[Name][0],
    done: (error: grpc.ServiceError | null, response: Calls[Name][1]) => void,
  ) => void;
  return new Promise((resolve, reject) => {
    (client[name] as unknown as Method).call(client, request, (error, response) =>
      error === null ? resolve(response) : reject(new Error(error.details)),
    );
  });
}

/** A bag in the protocol's form. */
export function struct(props: Props): Struct {
  return Struct.fromJavaScript(props);
}
