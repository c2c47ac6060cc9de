import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostSpec } from "../spec/types";
import { connectionTo } from "./connection";
import { shellQuote } from "./quote";
import type { RoleScript } from "./roleScript";

/** Arguments of {@link RemoteHost}. */
export interface RemoteHostArgs {
  /** The host and how it is reached. */
  host: HostSpec;
  /** Private ssh key; absent: the agent of SSH_AUTH_SOCK. */
  privateKey?: pulumi.Input<string>;
  /** The script of the host's role. */
  script: RoleScript;
}

/** One phase of the role's script on one host. */
export interface StepArgs {
  /** Function `phase_PHASE` of the role's script. */
  phase: string;
  /** Parameters of this host, `name=value`; not secret: they stand in the command line. */
  parameters?: Record<string, pulumi.Input<string>>;
  /** Secret files by their path on the host, sent by stdin only; written with mode 0600. */
  secrets?: Record<string, pulumi.Input<string>>;
  /** Phase that undoes this one when the host leaves; it must succeed on a host that is already clean. */
  onDelete?: string;
}

/**
 * A host and the one door to it: copies the role's script once, then runs phases of it.
 *
 * A phase is a `remote.Command` without triggers (a replacement would run the new `create` and then
 * the old `delete` on the same host) and with no `update` (a changed command runs `create` again, and
 * every phase is idempotent).
 */
export class RemoteHost extends pulumi.ComponentResource {
  /** The host's spec. */
  readonly host: HostSpec;
  private readonly hostName: string;
  private readonly script: RoleScript;
  private readonly connection: ReturnType<typeof connectionTo>;
  private readonly copy: remote.CopyToRemote;

  constructor(name: string, args: RemoteHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ha-kubernetes:index:RemoteHost", name, {}, opts);
    this.hostName = name;
    this.host = args.host;
    this.script = args.script;
    this.connection = connectionTo(args.host, args.privateKey);
    const { user, hostKey } = args.host.ssh;
    this.copy = new remote.CopyToRemote(
      `${name}-script`,
      {
        connection: this.connection,
        source: args.script.asset(),
        remotePath: this.file,
        // Another user has another home, another host key is another machine: a mere change of connection copies nothing.
        triggers: [user, hostKey],
      },
      { parent: this },
    );
    this.registerOutputs();
  }

  /** Runs one phase on the host; `up` runs it again only when its parameters, secrets or script changed. */
  step(args: StepArgs, opts?: pulumi.CustomResourceOptions): remote.Command {
    const run = (phase: string) => this.commandLine(phase, args.parameters ?? {});
    return new remote.Command(
      `${this.hostName}-${args.phase}`,
      {
        connection: this.connection,
        create: run(args.phase),
        ...(args.onDelete && { delete: this.deleteLine(args.onDelete) }),
        ...(args.secrets && { stdin: secretFiles(args.secrets) }),
        logging: remote.Logging.None,
        addPreviousOutputInEnv: false,
      },
      { parent: this, dependsOn: [this.copy, ...asArray(opts?.dependsOn)], ...withoutDependsOn(opts) },
    );
  }

  /** Path of the script on the host, below the ssh user's home. */
  private get file(): string {
    return `.ha-kubernetes-${this.script.role}.sh`;
  }

  /** The sum is checked first: half a script would define functions, call none and succeed. */
  private commandLine(
    phase: string,
    parameters: Record<string, pulumi.Input<string>>,
  ): pulumi.Output<string> {
    const all = { host: this.host.name, address: this.host.address, ...parameters };
    const check = `echo ${this.script.sha256} ${this.file} | sha256sum -c --quiet`;
    return pulumi
      .output(all)
      .apply((values) =>
        [
          `${check} &&`,
          "bash",
          this.file,
          phase,
          ...Object.entries(values).map(([k, v]) => `${k}=${shellQuote(v)}`),
        ].join(" "),
      );
  }

  /** On a host that was wiped before there is nothing to do and nothing to do it with. */
  private deleteLine(phase: string): string {
    return `[ ! -e ${this.file} ] || bash ${this.file} ${phase} host=${shellQuote(this.host.name)} address=${this.host.address}`;
  }
}

/** Each file after a line with its path, as plain text: it is stored twice per step, encrypted and in base64. */
function secretFiles(files: Record<string, pulumi.Input<string>>): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.output(files).apply((contents) =>
      Object.entries(contents)
        .map(([path, content]) => `=== ${path}\n${content.replace(/\n*$/, "\n")}`)
        .join(""),
    ),
  );
}

function asArray(dependsOn: pulumi.CustomResourceOptions["dependsOn"]): pulumi.Resource[] {
  return dependsOn === undefined
    ? []
    : ((Array.isArray(dependsOn) ? dependsOn : [dependsOn]) as pulumi.Resource[]);
}

function withoutDependsOn(opts?: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions {
  const { dependsOn: _, ...rest } = opts ?? {};
  return rest;
}
