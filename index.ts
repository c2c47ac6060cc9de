import * as pulumi from "@pulumi/pulumi";
import {
  builtWith,
  ConfigError,
  HaCluster,
  parseCluster,
  receiverSecretNames,
  storageSecretNames,
  type BuiltWith,
  type ClusterSpec,
} from "./components";
import type { ExistingCa } from "./components";

// The SDK spells out a stack trace with each of its promises; with V8's ten frames that is a fifth of the program's time.
Error.stackTraceLimit = 4;

const config = new pulumi.Config("ha-kubernetes");

export = async () => {
  const before = await earlierRun();
  const cluster = checked(() => parseCluster(config.requireObject("cluster"), { builtWith: before }));
  const ha = new HaCluster(cluster.name, {
    cluster,
    privateKey: privateKey(cluster.sshPrivateKeySecret),
    clusterCa: existingCa("clusterCa"),
    frontProxyCa: existingCa("frontProxyCa"),
    etcdCa: existingCa("etcdCa"),
    secrets: secrets([
      ...receiverSecretNames(cluster.monitoring.receivers),
      ...storageSecretNames(cluster.storage),
    ]),
  });
  return {
    kubeconfig: ha.kubeconfig,
    endpoint: ha.endpoint,
    statsPassword: ha.statsPassword,
    ...(ha.grafanaPassword && { grafanaPassword: ha.grafanaPassword }),
    // Only of a cluster that stands: until then everything may still be changed.
    builtWith: ha.findings.apply(() => builtWith(cluster, before)),
  };
};

/** What this stack's cluster was built with; undefined before its first whole `up`. */
async function earlierRun(): Promise<BuiltWith | undefined> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const given: { value?: unknown } = await new pulumi.StackReference(name).getOutputDetails("builtWith");
  return given.value as BuiltWith | undefined;
}
/** The private ssh key that the config names; a preview, as in a pull request, goes without. */
function privateKey(name: string | undefined): pulumi.Output<string> | undefined {
  const key = name === undefined ? undefined : config.getSecret(name);
  if (name !== undefined && key === undefined) {
    const problem = `ssh.privateKey names the secret ${name}, which the stack does not have. Next: pulumi config set --secret ${name} < KEYFILE`;
    if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(problem);
    void pulumi.log.warn(problem);
  }
  return key;
}

/** The secrets that the config names; all that are missing are said at once. A preview goes without. */
function secrets(names: readonly string[]): Record<string, pulumi.Output<string>> {
  const missing = names.filter((name) => config.getSecret(name) === undefined);
  if (missing.length > 0) {
    const problem =
      `the config names secrets that the stack does not have: ${missing.join(", ")}. ` +
      `Next: ${missing.map((name) => `pulumi config set --secret ${name}`).join("; ")}`;
    if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(problem);
    void pulumi.log.warn(problem);
  }
  return Object.fromEntries(names.map((name) => [name, config.getSecret(name) ?? pulumi.secret("")]));
}

/** A CA of the operator's own, if the stack's secrets hold one. */
function existingCa(name: string): ExistingCa | undefined {
  const keyPem = config.getSecret(`${name}Key`);
  return keyPem && { certPem: config.require(`${name}Cert`), keyPem };
}

/** All problems of the config as one error without a stack trace; what is unwise as warnings. */
function checked(parse: () => ClusterSpec): ClusterSpec {
  try {
    const spec = parse();
    for (const { path, value, message, cure } of spec.warnings) {
      void pulumi.log.warn(`${path} (${value}): ${message}. ${cure}`);
    }
    return spec;
  } catch (error) {
    throw error instanceof ConfigError ? new pulumi.RunError(error.message) : error;
  }
}
