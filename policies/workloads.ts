import { arguable, at, listAt, orArgue, textAt, type Planned, type Rule } from "./rule";

/** Kinds that make pods by a template. */
const WORKLOAD = /^kubernetes:(apps\/v1:(Deployment|StatefulSet|DaemonSet)|batch\/v1:(Job|CronJob))$/;

/** Kinds that have replicas and are to stay up. */
const REPLICATED = /^kubernetes:apps\/v1:(Deployment|StatefulSet)$/;

/** What ends by itself is not probed. */
const ENDS = /:(Job|CronJob)$/;

/** The spec of the pods that a resource makes. */
function podSpec({ type, props }: Planned): unknown {
  if (type === "kubernetes:core/v1:Pod") return at(props, "spec");
  if (!WORKLOAD.test(type)) return undefined;
  return type.endsWith(":CronJob")
    ? at(props, "spec", "jobTemplate", "spec", "template", "spec")
    : at(props, "spec", "template", "spec");
}

function containers(resource: Planned): unknown[] {
  const spec = podSpec(resource);
  return [...listAt(spec, "initContainers"), ...listAt(spec, "containers")];
}

/** Names of what is nobody else's to read. */
const SECRET_NAME = /(PASSWORD|PASSWD|TOKEN|SECRET|PRIVATE_KEY|API_KEY|ACCESS_KEY)$/i;

/** Whether a selector of labels takes pods with these. */
function selects(selector: unknown, labels: unknown): boolean {
  const pairs = Object.entries(at(selector, "matchLabels") ?? {});
  return (
    selector !== undefined &&
    pairs.every(([key, value]) => at(labels, key) === value) &&
    listAt(selector, "matchExpressions").every((expression) => {
      const value = at(labels, textAt(expression, "key") ?? "");
      const among = listAt(expression, "values").includes(value);
      const holds: Record<string, boolean> = {
        In: among,
        NotIn: !among,
        Exists: value !== undefined,
        DoesNotExist: value === undefined,
      };
      return holds[textAt(expression, "operator") ?? ""] ?? false;
    })
  );
}

const nameOf = (value: unknown) => textAt(value, "name") ?? "?";

/** Every container that a question is answered for, one line each. */
function each(resource: Planned, question: (container: unknown) => string | undefined): string[] {
  return containers(resource).flatMap((container) => {
    const wrong = question(container);
    return wrong === undefined ? [] : [`container ${nameOf(container)} ${wrong}`];
  });
}

/** What pods, and what makes them, must have. */
export const WORKLOAD_RULES: readonly Rule[] = [
  {
    name: "requests-and-limits",
    level: "mandatory",
    description:
      "Every container says what it needs of processor and memory, and how much memory it may take.",
    judge: (resource) =>
      each(resource, (container) => {
        const missing = [
          ["requests", "cpu"],
          ["requests", "memory"],
          ["limits", "memory"],
        ].filter((path) => at(container, "resources", ...path) === undefined);
        return missing.length === 0
          ? undefined
          : `lacks ${missing.map((path) => `resources.${path.join(".")}`).join(", ")}: add it`;
      }),
  },
  arguable({
    name: "probes",
    level: "mandatory",
    description: "Every container that serves is probed for readiness and for life.",
    judge: (resource) =>
      ENDS.test(resource.type)
        ? []
        : listAt(podSpec(resource), "containers").flatMap((container) => {
            const missing = ["readinessProbe", "livenessProbe"].filter(
              (key) => at(container, key) === undefined,
            );
            return missing.length === 0
              ? []
              : [
                  `container ${nameOf(container)} lacks ${missing.join(" and ")}: ask a path that the image really serves, ${orArgue("probes")}`,
                ];
          }),
  }),
  arguable({
    name: "more-than-one-replica",
    level: "mandatory",
    description: "What is to stay up has more than one replica.",
    judge: ({ type, props }) =>
      REPLICATED.test(type) && Number(at(props, "spec", "replicas") ?? 1) < 2
        ? [`has one replica: set spec.replicas to 2 or more, ${orArgue("more-than-one-replica")}`]
        : [],
  }),
  arguable({
    name: "disruption-budget",
    level: "mandatory",
    description: "What has replicas says how many a drain may take at once.",
    judge: (resource, plan) => {
      const { type, props } = resource;
      if (!REPLICATED.test(type) || Number(at(props, "spec", "replicas") ?? 1) < 2) return [];
      const labels = at(props, "spec", "template", "metadata", "labels");
      const namespace = textAt(props, "metadata", "namespace");
      const covered = plan.some(
        (other) =>
          other.type === "kubernetes:policy/v1:PodDisruptionBudget" &&
          textAt(other.props, "metadata", "namespace") === namespace &&
          selects(at(other.props, "spec", "selector"), labels),
      );
      return covered
        ? []
        : [
            `has no PodDisruptionBudget: add one whose selector matches its pods, ${orArgue("disruption-budget")}`,
          ];
    },
  }),
  arguable({
    name: "no-host-path",
    level: "mandatory",
    description: "No pod reads or writes its node's files.",
    judge: (resource) =>
      listAt(podSpec(resource), "volumes")
        .filter((volume) => at(volume, "hostPath") !== undefined)
        .map(
          (volume) =>
            `volume ${nameOf(volume)} is a hostPath: use a claim or an emptyDir, ${orArgue("no-host-path")}`,
        ),
  }),
  arguable({
    name: "no-host-namespace",
    level: "mandatory",
    description: "No pod shares its node's network or sees its node's processes.",
    judge: (resource) =>
      ["hostNetwork", "hostPID", "hostIPC"]
        .filter((key) => at(podSpec(resource), key) === true)
        .map((key) => `sets ${key}: leave it out, ${orArgue("no-host-namespace")}`),
  }),
  arguable({
    name: "not-privileged",
    level: "mandatory",
    description: "No container has all of its node's rights.",
    judge: (resource) =>
      each(resource, (container) =>
        at(container, "securityContext", "privileged") === true
          ? `is privileged: give it the capabilities that it needs, ${orArgue("not-privileged")}`
          : undefined,
      ),
  }),
  {
    name: "pinned-image",
    level: "mandatory",
    description: "Every image has a tag that means one version, or a digest.",
    judge: (resource) =>
      each(resource, (container) => {
        const image = textAt(container, "image") ?? "";
        const tag = /:([^:/@]+)(@|$)/.exec(image)?.[1];
        return image === "" || image.includes("@sha256:") || (tag !== undefined && tag !== "latest")
          ? undefined
          : `runs ${image}: write a tag other than latest, or a digest`;
      }),
  },
  {
    name: "no-plain-secret",
    level: "mandatory",
    description: "No password, token or key stands in an environment variable or a ConfigMap.",
    judge: (resource) => [
      ...each(resource, (container) => {
        const plain = listAt(container, "env").filter(
          (variable) => SECRET_NAME.test(nameOf(variable)) && (textAt(variable, "value") ?? "") !== "",
        );
        return plain.length === 0
          ? undefined
          : `has ${plain.map(nameOf).join(", ")} in clear: take it from a Secret (valueFrom.secretKeyRef) or a file`;
      }),
      ...(resource.type === "kubernetes:core/v1:ConfigMap"
        ? Object.entries(at(resource.props, "data") ?? {})
            .filter(
              ([key, value]) =>
                SECRET_NAME.test(key) || /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(String(value)),
            )
            .map(([key]) => `holds a secret at ${key}: put it into a Secret`)
        : []),
    ],
  },
];
