import * as pulumi from "@pulumi/pulumi";

/** What secret config keys hold, by their names. */
export type NamedSecrets = Readonly<Record<string, pulumi.Input<string>>>;

/** The value of one of them, marked secret; throws if it is not given, with the part of the config that names it. */
export function namedSecret(
  secrets: NamedSecrets | undefined,
  name: string,
  place: string,
): pulumi.Output<string> {
  const value = secrets?.[name];
  if (value === undefined) {
    throw new Error(`${place} names the secret ${name}, which is not given. Next: give it in \`secrets\``);
  }
  return pulumi.secret(value);
}
