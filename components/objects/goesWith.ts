import type * as pulumi from "@pulumi/pulumi";

/**
 * What a component's children take of its options, as the SDK hands on providers but not this: objects that go with
 * their cluster are not deleted one by one, through an API that may be gone, when all of it is.
 */
export function goesWith(
  opts?: pulumi.ComponentResourceOptions,
): Pick<pulumi.CustomResourceOptions, "deletedWith"> {
  return opts?.deletedWith === undefined ? {} : { deletedWith: opts.deletedWith };
}
