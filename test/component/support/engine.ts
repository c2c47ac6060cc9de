/** The engine's side of a Pulumi program in a test: records what it is asked for, answers with canaries. */
import * as pulumi from "@pulumi/pulumi";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
} from "@pulumi/pulumi/proto/resource_pb";

// mocha makes stack traces endless, and the SDK spells one out with each of its promises.
Error.stackTraceLimit = 10;

/** A value as it goes to the engine, secrets in their marks. */
export type Wire = null | string | number | boolean | Wire[] | { [key: string]: Wire };

/** A resource as the engine is told of it. */
export interface Asked {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly inputs: Record<string, Wire>;
  /** Given by `registerOutputs`, of components. */
  outputs: Record<string, Wire>;
  /** URNs of all that it waits for. */
  readonly dependencies: readonly string[];
  readonly options: {
    readonly triggers: boolean;
    readonly retainOnDelete: boolean;
    /** URN of what it goes with, or nothing. */
    readonly deletedWith: string;
    /** URNs of the parents that it had before. */
    readonly formerParents: readonly string[];
  };
}

/** What a run asked for, in the order of asking. */
export class Run {
  constructor(readonly all: readonly Asked[]) {}

  /** Those of a type. */
  of(type: string): Asked[] {
    return this.all.filter((asked) => asked.type === type);
  }

  /** The one of a name, of all types or of one. */
  named(name: string, type?: string): Asked {
    const [found, ...more] = this.all.filter((a) => a.name === name && (type ?? a.type) === a.type);
    if (!found || more.length > 0)
      throw new Error(`${more.length + (found ? 1 : 0)} resources are called ${name}`);
    return found;
  }

  /** Names of the custom resources that one waits for. */
  waitsFor(asked: Asked): string[] {
    const names = new Map(this.all.map(({ urn, name }) => [urn, name]));
    return asked.dependencies.map((urn) => names.get(urn) ?? urn);
  }
}

/** Every secret that the mocks hand out, and every key given by a test, holds this word. */
export const CANARY = "CANARY";

let last: Promise<unknown> = Promise.resolve();

/** What a stack gave out before, as a reference to it shows. */
export type StackOutputs = Readonly<Record<string, unknown>>;

/** Runs a program against mocks and gives back what it asked for, once all of it was asked; one program at a time. */
export function record(program: () => unknown, preview = false, before: StackOutputs = {}): Promise<Run> {
  const run = last.then(() => recordNow(program, preview, before));
  last = run.catch(() => undefined);
  return run;
}

/** Mocks are a whole process's. */
async function recordNow(program: () => unknown, preview: boolean, before: StackOutputs): Promise<Run> {
  let current: RegisterResourceRequest | undefined;
  const asked = new Map<string, Asked>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => ({
        id: `${name}-id`,
        state: {
          ...(inputs as Record<string, unknown>),
          ...marked(answers(type, name), current?.getAdditionalsecretoutputsList() ?? []),
          ...(type === "pulumi:pulumi:StackReference" && { outputs: before }),
        },
      }),
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "ha-kubernetes",
    "test",
    preview,
    "organization",
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const { registerResource, registerResourceOutputs } = monitor;
  // What mocks are told lacks the dependencies, the parents, and which inputs are secret.
  monitor.registerResource = (request, done) => {
    current = request;
    return registerResource.call(monitor, request, (error, response) => {
      if (response) asked.set(response.getUrn(), noted(request, response.getUrn()));
      done(error, response);
    });
  };
  monitor.registerResourceOutputs = (request, done) => {
    const one = asked.get(request.getUrn());
    if (one) one.outputs = request.getOutputs()?.toJavaScript() ?? {};
    registerResourceOutputs.call(monitor, request, done);
  };
  // The SDK keeps a stack trace with every promise: mapped to the sources they are half of a run's time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  try {
    await program();
    await pulumi.runtime.disconnect();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return new Run([...asked.values()]);
}

type Done<T> = (error: Error | null, response: T | undefined) => void;

/** The part of the mocks' monitor through which resources are registered. */
interface Monitor {
  registerResource: (
    this: Monitor,
    request: RegisterResourceRequest,
    done: Done<{ getUrn(): string }>,
  ) => Promise<void>;
  registerResourceOutputs: (
    this: Monitor,
    request: RegisterResourceOutputsRequest,
    done: Done<unknown>,
  ) => void;
}

function noted(request: RegisterResourceRequest, urn: string): Asked {
  return {
    urn,
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    inputs: request.getObject()?.toJavaScript() ?? {},
    outputs: {},
    dependencies: request.getDependenciesList(),
    options: {
      triggers: request.getReplacementTrigger() !== undefined,
      retainOnDelete: request.getRetainondelete() === true,
      deletedWith: request.getDeletedwith(),
      formerParents: request.getAliasesList().map((alias) => alias.getSpec()?.getParenturn() ?? ""),
    },
  };
}

/** What the providers make; the engine marks as secret exactly what the SDK asks it to. */
function answers(type: string, name: string): Record<string, string> {
  const pem = (kind: string, text: string) =>
    `-----BEGIN ${kind}-----\n${text} ${name}\n-----END ${kind}-----\n`;
  switch (type) {
    case "tls:index/privateKey:PrivateKey":
      return {
        privateKeyPem: pem("EC PRIVATE KEY", CANARY),
        publicKeyPem: pem("PUBLIC KEY", "of"),
      };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: pem("CERTIFICATE REQUEST", "of") };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: pem("CERTIFICATE", "of") };
    case "random:index/randomPassword:RandomPassword":
      return { result: `${CANARY}-${name}` };
    case "command:remote:Command":
      return { stdout: "ok\tnodes\tfine\t", stderr: "" };
    default:
      return {};
  }
}

function marked(outputs: Record<string, string>, secrets: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [
      key,
      secrets.includes(key) ? pulumi.secret(value) : value,
    ]),
  );
}
