import type * as pulumi from "@pulumi/pulumi";

/**
 * Name by which the API knows who set a field. By default each creation has one of its own, and a second one of the same
 * object (its first was killed before it was noted, or the state forgot it) is refused as a conflict with the first.
 *
 * @see https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
 */
const FIELD_MANAGER = { "pulumi.com/patchFieldManager": "ha-kubernetes" };

/** What all objects below a component have in common. */
export function objectOptions(
  component: pulumi.Resource | undefined,
  opts?: pulumi.ComponentResourceOptions,
): pulumi.CustomResourceOptions {
  return {
    ...(component && { parent: component }),
    transformations: [named],
    // The SDK hands on providers but not this: objects that go with their cluster are not deleted one by one, through an
    // API that may be gone, when all of it is.
    ...(opts?.deletedWith && { deletedWith: opts.deletedWith }),
  };
}

const named: pulumi.ResourceTransformation = ({ type, props, opts }) => {
  const { metadata, ...rest } = props as { metadata?: { annotations?: object } };
  if (!type.startsWith("kubernetes:") || metadata === undefined) return undefined;
  return {
    props: { ...rest, metadata: { ...metadata, annotations: { ...metadata.annotations, ...FIELD_MANAGER } } },
    opts,
  };
};
