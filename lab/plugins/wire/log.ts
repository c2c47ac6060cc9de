/** Messages of a resource, sent to the engine so that they appear under it in the display. */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** The kinds of message in use; `status` ones show in the live display only, as the official plugins' do. */
export interface Log {
  debug(text: string): void;
  status(text: string): void;
  warning(text: string): void;
  error(text: string): void;
  /** Settles when everything said so far has arrived. */
  flush(): Promise<void>;
}

/** Makes the logs of resources, all over one channel to the engine. */
export function engineLogs(address: string | undefined): (urn: string) => Log {
  if (address === undefined) return () => silentLog;
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return (urn) => {
    let last: Promise<void> = Promise.resolve();
    const say = (severity: LogSeverity, text: string, ephemeral: boolean): void => {
      const request = new LogRequest()
        .setSeverity(severity)
        .setMessage(text)
        .setUrn(urn)
        .setEphemeral(ephemeral);
      // One at a time: the engine shows messages in the order in which the calls end.
      // A log that fails must not fail the resource.
      last = last.then(() => new Promise((resolve) => client.log(request, () => resolve())));
    };
    return {
      debug: (text) => say(LogSeverity.DEBUG, text, false),
      status: (text) => say(LogSeverity.INFO, text, true),
      warning: (text) => say(LogSeverity.WARNING, text, false),
      error: (text) => say(LogSeverity.ERROR, text, false),
      flush: () => last,
    };
  };
}

/** A log that says nothing. */
export const silentLog: Log = {
  debug: () => undefined,
  status: () => undefined,
  warning: () => undefined,
  error: () => undefined,
  flush: () => Promise.resolve(),
};
