import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { namedSecret, type NamedSecrets } from "../objects/secrets";
import type { BackupSpec } from "../spec/types";
import { BACKUP_NAMESPACE } from "./names";

/**
 * Makes the Secret with the password of the volumes' copies before the server looks for it: where there is none it makes
 * one itself, with a password that everybody knows (pkg/repository/keys/keys.go).
 */
export function repositoryPassword(
  name: string,
  { repositoryPasswordSecret: given }: BackupSpec,
  secrets: NamedSecrets | undefined,
  opts: pulumi.CustomResourceOptions,
): { value: pulumi.Output<string>; secret: pulumi.Resource } {
  const value =
    given === undefined
      ? new random.RandomPassword(
          `${name}-repository`,
          { length: 32, special: false },
          { parent: opts.parent },
        ).result
      : namedSecret(secrets, given, "backup");
  const secret = new kubernetes.core.v1.Secret(
    `${name}-repository`,
    {
      metadata: { name: "velero-repo-credentials", namespace: BACKUP_NAMESPACE },
      stringData: { "repository-password": value },
    },
    opts,
  );
  return { value, secret };
}
