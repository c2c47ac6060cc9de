import type * as pulumi from "@pulumi/pulumi";
import type { S3Spec } from "../spec/types";
import { namedSecret, type NamedSecrets } from "./secrets";

/** Keys of an object store. */
export interface S3Credentials {
  /** The access key's id. */
  readonly accessKey: pulumi.Output<string>;
  /** The secret that goes with it. */
  readonly secretKey: pulumi.Output<string>;
}

/** The keys that a bucket's config names; throws if they are not given. */
export function s3Credentials(s3: S3Spec, secrets: NamedSecrets | undefined, place: string): S3Credentials {
  return {
    accessKey: namedSecret(secrets, s3.accessKeySecret, place),
    secretKey: namedSecret(secrets, s3.secretKeySecret, place),
  };
}
