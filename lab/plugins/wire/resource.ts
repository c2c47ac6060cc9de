/** What a resource of a plugin does, apart from how the engine asks for it. */
import type { Difference } from "./diff";
import type { Log } from "./log";
import type { Props } from "./values";

/** The circumstances of one call. */
export interface Call {
  /** The resource's name in the program. */
  name: string;
  /** True in `pulumi preview`: nothing may be touched. */
  preview: boolean;
  /** Fires at the engine's Cancel, and when the resource's `customTimeouts` are over. */
  signal: AbortSignal;
  /** Where the resource's messages go. */
  log: Log;
}

/** A resource as the engine knows it from before. */
export interface Known {
  id: string;
  inputs: Props;
  state: Props;
}

/** One property that does not pass the check. */
export interface Failure {
  property: string;
  reason: string;
}

/** The inputs with their defaults and secret marks, or why they are refused. */
export interface Checked {
  inputs: Props;
  failures: Failure[];
}

/** A resource that came to be. */
export interface Created {
  id: string;
  state: Props;
}

/** The five things a resource can do; each has the official plugin's rules. */
export interface Resource {
  check(news: Props): Checked;
  diff(known: Known, news: Props): Difference;
  create(inputs: Props, call: Call): Promise<Created>;
  update(known: Known, inputs: Props, call: Call): Promise<Props>;
  delete?(known: Known, call: Call): Promise<void>;
  refresh?(known: Known): Props;
}

/** A plugin: its name, version and resources by type token. */
export interface Plugin {
  name: string;
  version: string;
  /** False: the engine takes the secret marks off and puts them back by property name, as with bridged plugins. */
  acceptsSecrets: boolean;
  resources: Readonly<Record<string, Resource>>;
}
