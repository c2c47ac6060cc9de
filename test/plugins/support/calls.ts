/** Calls to a resource without an engine. */
import assert from "node:assert/strict";
import type { Call, Known, Resource } from "../../../lab/plugins/wire/resource";
import { plainProps, type Props } from "../../../lab/plugins/wire/values";
import type { Log } from "../../../lab/plugins/wire/log";

/** A log that remembers. */
export interface RememberingLog extends Log {
  said: string[];
}

/** Makes a log that remembers. */
export function remember(): RememberingLog {
  const said: string[] = [];
  return {
    said,
    debug: (text) => void said.push(`debug: ${text}`),
    status: (text) => void said.push(`status: ${text}`),
    warning: (text) => void said.push(`warning: ${text}`),
    error: (text) => void said.push(`error: ${text}`),
    flush: () => Promise.resolve(),
  };
}

/** The circumstances of an `up` of a resource called "it". */
export function call(changes: Partial<Call> = {}): Call {
  return { name: "it", preview: false, signal: new AbortController().signal, log: remember(), ...changes };
}

/** Checks inputs as the engine does before anything else, expecting no failure. */
export function checked(resource: Resource, inputs: Props): Props {
  const { inputs: result, failures } = resource.check(inputs);
  assert.deepEqual(failures, []);
  return result;
}

/** Checks and creates. */
export async function created(
  resource: Resource,
  inputs: Props,
  changes: Partial<Call> = {},
): Promise<Known> {
  const accepted = checked(resource, inputs);
  const { id, state } = await resource.create(accepted, call(changes));
  return { id, inputs: accepted, state };
}

/** What a diff says about new inputs: changed paths and replacing names. */
export function difference(
  resource: Resource,
  known: Known,
  news: Props,
): { changes: Props; replaces: string[] } {
  const { changes, replaces } = resource.diff(known, checked(resource, news));
  return { changes: Object.fromEntries(changes), replaces: [...replaces] };
}

/** The state without secret marks. */
export function open(known: Known): Props {
  return plainProps(known.state);
}

/** The message with which a promise fails. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return assert.fail("expected an error, but all went well");
}
