import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CASES } from "../../unit/policies/cases";

/** A resource of any type, with inputs that no SDK would take. */
class Any extends pulumi.CustomResource {}

/** A component of any type. */
class Component extends pulumi.ComponentResource {}

const provider = new kubernetes.Provider("nowhere", { kubeconfig: "{}" });

for (const [rule, { breaks }] of Object.entries(CASES)) {
  for (const [i, { type, props }] of breaks.entries()) {
    const name = `${rule}-${i}`;
    if (type.startsWith("ha-kubernetes:")) new Component(type, name, props);
    else new Any(type, name, { ...props }, type.startsWith("kubernetes:") ? { provider } : {});
  }
}
