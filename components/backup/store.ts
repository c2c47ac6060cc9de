import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { S3Credentials } from "../objects/s3";
import type { BackupSpec } from "../spec/types";
import { BACKUP_NAMESPACE, LOCATION } from "./names";

/** Name of the Secret with what the store asks for; upstream's own. */
const CREDENTIALS = "cloud-credentials";

/** Makes known to Velero where backups are kept, and by which key. */
export function store(
  name: string,
  s3: BackupSpec["s3"],
  { accessKey, secretKey }: S3Credentials,
  after: pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const credentials = new kubernetes.core.v1.Secret(
    `${name}-credentials`,
    {
      metadata: { name: CREDENTIALS, namespace: BACKUP_NAMESPACE },
      stringData: {
        cloud: pulumi.interpolate`[default]\naws_access_key_id = ${accessKey}\naws_secret_access_key = ${secretKey}\n`,
        ...(s3.caCert !== undefined && { ca: s3.caCert }),
      },
    },
    opts,
  );
  return new kubernetes.apiextensions.CustomResource(
    `${name}-location`,
    {
      apiVersion: "velero.io/v1",
      kind: "BackupStorageLocation",
      metadata: { name: LOCATION, namespace: BACKUP_NAMESPACE },
      spec: locationSpec(s3),
    },
    { ...opts, dependsOn: [credentials, ...after] },
  );
}

/**
 * The spec of the place in which backups are kept.
 *
 * @see https://github.com/vmware-tanzu/velero-plugin-for-aws/blob/v1.14.3/backupstoragelocation.md
 */
export function locationSpec({ url, bucket, region, prefix, caCert }: BackupSpec["s3"]): object {
  const from = (key: string) => ({ name: CREDENTIALS, key });
  return {
    provider: "aws",
    default: true,
    credential: from("cloud"),
    objectStorage: { bucket, prefix, ...(caCert !== undefined && { caCertRef: from("ca") }) },
    config: {
      region,
      ...(url !== undefined && {
        s3Url: url,
        // A store of one's own seldom has a DNS name for each bucket.
        s3ForcePathStyle: "true",
        // Many stores refuse AWS' newer checksums; Kopia has its own, and TLS has.
        checksumAlgorithm: "",
      }),
    },
  };
}
