import { at, listAt, textAt, type Planned, type Rule } from "./rule";

const CLASS = "kubernetes:storage.k8s.io/v1:StorageClass";
const CLAIM = "kubernetes:core/v1:PersistentVolumeClaim";
const STATEFUL_SET = "kubernetes:apps/v1:StatefulSet";
const DEFAULT = "storageclass.kubernetes.io/is-default-class";

/** Specs of the claims that a resource makes. */
function claims({ type, props }: Planned): unknown[] {
  if (type === CLAIM) return [at(props, "spec")];
  if (type !== STATEFUL_SET) return [];
  return listAt(props, "spec", "volumeClaimTemplates").map((template) => at(template, "spec"));
}

function isDefault({ props }: Planned): boolean {
  return textAt(props, "metadata", "annotations", DEFAULT) === "true";
}

/** Volumes that can be had. */
export const STORAGE_RULES: readonly Rule[] = [
  {
    name: "storage-class-exists",
    level: "mandatory",
    description: "Every claim names a class that the plan makes, or there is a default class.",
    judge: (resource, plan) => {
      const classes = plan.filter(({ type }) => type === CLASS);
      // A program that makes no class uses those of a cluster that it does not make.
      if (classes.length === 0) return [];
      const names = classes.map(({ props }) => textAt(props, "metadata", "name"));
      return claims(resource).flatMap((claim) => {
        const wanted = textAt(claim, "storageClassName");
        if (wanted === undefined)
          return classes.some(isDefault)
            ? []
            : ["claims a volume of the default class, and there is none: name a class"];
        return wanted === "" || names.includes(wanted)
          ? []
          : [`claims a volume of class ${wanted}, which nothing makes: use one of ${names.join(", ")}`];
      });
    },
  },
  {
    name: "one-default-class",
    level: "mandatory",
    description: "At most one class is the default one.",
    judge: (resource, plan) => {
      if (resource.type !== CLASS || !isDefault(resource)) return [];
      const others = plan.filter((other) => other.type === CLASS && other !== resource && isDefault(other));
      return others.length === 0
        ? []
        : [`is a default class, and so is ${others.map(({ name }) => name).join(", ")}: leave one`];
    },
  },
];
