/**
 * The engine's plugin protocol over gRPC.
 *
 * The SDK's own `provider.main` is not used: it drops what the rules of the official plugins need
 * (preview flag, old inputs, custom timeouts, detailed diffs), and it prints failed deletes to stderr.
 */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { topLevel, type Change, type Difference } from "./diff";
import type { Log } from "./log";
import type { Call, Known, Plugin, Resource } from "./resource";
import type { Props } from "./values";

/** What the service needs from the process around it. */
export interface Surroundings {
  logs: (urn: string) => Log;
  /** Called once after the engine's Cancel, when no operation runs any more. */
  onCancelled: () => void;
}

/** Makes the handlers of the protocol's calls for a plugin. */
export function service(plugin: Plugin, around: Surroundings): grpc.UntypedServiceImplementation {
  const cancelled = new AbortController();
  let running = 0;

  const settle = (): void => {
    if (cancelled.signal.aborted && running === 0) around.onCancelled();
  };

  /** Runs one operation under the engine's Cancel and the resource's timeout. */
  async function operation<T>(
    request: { getUrn(): string; getTimeout(): number },
    preview: boolean,
    work: (resource: Resource, call: Call) => Promise<T>,
  ): Promise<T> {
    const log = around.logs(request.getUrn());
    const limits = [cancelled.signal];
    if (request.getTimeout() > 0) limits.push(AbortSignal.timeout(request.getTimeout() * 1000));
    running++;
    try {
      const { resource, name } = find(plugin, request.getUrn());
      return await work(resource, { name, preview, signal: AbortSignal.any(limits), log });
    } finally {
      await log.flush();
      running--;
      settle();
    }
  }

  return {
    getPluginInfo: unary<Empty, PluginInfo>(async () => new PluginInfo().setVersion(plugin.version)),
    getSchema: unary<proto.GetSchemaRequest, proto.GetSchemaResponse>(async () =>
      new proto.GetSchemaResponse().setSchema(JSON.stringify({ name: plugin.name, version: plugin.version })),
    ),
    checkConfig: unary<proto.CheckRequest, proto.CheckResponse>(async (request) =>
      new proto.CheckResponse().setInputs(request.getNews()),
    ),
    diffConfig: unary<proto.DiffRequest, proto.DiffResponse>(async () =>
      new proto.DiffResponse().setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE),
    ),
    configure: unary<proto.ConfigureRequest, proto.ConfigureResponse>(async () =>
      new proto.ConfigureResponse()
        .setAcceptsecrets(plugin.acceptsSecrets)
        .setAcceptresources(true)
        .setSupportspreview(true),
    ),
    check: unary<proto.CheckRequest, proto.CheckResponse>(async (request) => {
      const { resource } = find(plugin, request.getUrn());
      const { inputs, failures } = resource.check(read(request.getNews()));
      return new proto.CheckResponse()
        .setInputs(write(inputs))
        .setFailuresList(
          failures.map(({ property, reason }) =>
            new proto.CheckFailure().setProperty(property).setReason(reason),
          ),
        );
    }),
    diff: unary<proto.DiffRequest, proto.DiffResponse>(async (request) => {
      const { resource } = find(plugin, request.getUrn());
      const known = {
        id: request.getId(),
        inputs: read(request.getOldInputs()),
        state: read(request.getOlds()),
      };
      return diffResponse(resource.diff(known, read(request.getNews())));
    }),
    create: unary<proto.CreateRequest, proto.CreateResponse>((request) =>
      operation(request, request.getPreview(), async (resource, call) => {
        const { id, state } = await resource.create(read(request.getProperties()), call);
        return new proto.CreateResponse().setId(id).setProperties(write(state));
      }),
    ),
    update: unary<proto.UpdateRequest, proto.UpdateResponse>((request) =>
      operation(request, request.getPreview(), async (resource, call) => {
        const known = {
          id: request.getId(),
          inputs: read(request.getOldInputs()),
          state: read(request.getOlds()),
        };
        const state = await resource.update(known, read(request.getNews()), call);
        return new proto.UpdateResponse().setProperties(write(state));
      }),
    ),
    delete: unary<proto.DeleteRequest, Empty>((request) =>
      operation(request, false, async (resource, call) => {
        const known = {
          id: request.getId(),
          inputs: read(request.getOldInputs()),
          state: read(request.getProperties()),
        };
        await resource.delete?.(known, call);
        return new Empty();
      }),
    ),
    read: unary<proto.ReadRequest, proto.ReadResponse>(async (request) => {
      const { resource } = find(plugin, request.getUrn());
      const known: Known = {
        id: request.getId(),
        inputs: read(request.getInputs()),
        state: read(request.getProperties()),
      };
      return new proto.ReadResponse()
        .setId(known.id)
        .setInputs(request.getInputs())
        .setProperties(write(resource.refresh?.(known) ?? known.state));
    }),
    cancel: unary<Empty, Empty>(async () => {
      cancelled.abort(new Error("context canceled"));
      settle();
      return new Empty();
    }),
  };
}

/** The definition the handlers belong to. */
export const definition = ResourceProviderService;

function unary<Request, Response>(
  work: (request: Request) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, done) => {
    work(call.request).then(
      (response) => done(null, response),
      (error: unknown) =>
        done({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) }),
    );
  };
}

function find(plugin: Plugin, urn: string): { resource: Resource; name: string } {
  const [, , types = "", ...name] = urn.replace(/^urn:pulumi:/, "").split("::");
  const token = types.split("$").at(-1) ?? "";
  const resource = plugin.resources[token];
  if (resource === undefined) {
    const known = Object.keys(plugin.resources).join(", ");
    throw new Error(`the stand-in plugin ${plugin.name} has no resource ${token}; it has ${known}`);
  }
  return { resource, name: name.join("::") };
}

function diffResponse({ changes, replaces }: Difference): proto.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse()
    .setChanges(changes.size === 0 ? DIFF_NONE : DIFF_SOME)
    .setReplacesList([...replaces])
    .setDiffsList([...new Set([...changes.keys()].map(topLevel))])
    .setHasdetaileddiff(true);
  for (const [path, change] of changes) {
    const replace = replaces.some(
      (name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`),
    );
    response.getDetaileddiffMap().set(path, new proto.PropertyDiff().setKind(kindOf(change, replace)));
  }
  return response;
}

function kindOf(change: Change, replace: boolean): proto.PropertyDiff.Kind {
  const kinds = proto.PropertyDiff.Kind;
  switch (change) {
    case "add":
      return replace ? kinds.ADD_REPLACE : kinds.ADD;
    case "delete":
      return replace ? kinds.DELETE_REPLACE : kinds.DELETE;
    case "update":
      return replace ? kinds.UPDATE_REPLACE : kinds.UPDATE;
  }
}

function read(struct: Struct | undefined): Props {
  return struct?.toJavaScript() ?? {};
}

function write(props: Props): Struct {
  return Struct.fromJavaScript(props);
}
