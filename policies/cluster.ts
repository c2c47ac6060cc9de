import { at, listAt, textAt, type Planned, type Rule } from "./rule";

const CLUSTER = "ha-kubernetes:index:HaCluster";
const COMMANDS = /^command:remote:(Command|CopyToRemote)$/;

/** A judgement of clusters only. */
function ofCluster(judge: (props: Planned["props"]) => string[]): Rule["judge"] {
  return ({ type, props }) => (type === CLUSTER ? judge(props) : []);
}

/** What a cluster of this package, and whoever reaches hosts by ssh, must have. */
export const CLUSTER_RULES: readonly Rule[] = [
  {
    name: "odd-quorum",
    level: "mandatory",
    description: "Masters and etcd members are odd in number: an even one more can fail no better.",
    judge: ofCluster((props) =>
      ["masters", "etcd"].flatMap((group) => {
        const count = listAt(props, group).length;
        return count > 0 && (count % 2 === 0 || count < 3)
          ? [`has ${count} ${group === "etcd" ? "etcd members" : group}: make it 3 or 5`]
          : [];
      }),
    ),
  },
  {
    name: "quorum-over-racks",
    level: "mandatory",
    description: "No rack holds most of a quorum, where racks are given.",
    judge: ofCluster((props) =>
      ["masters", "etcd"].flatMap((group) => {
        const racks = listAt(props, group).map((host) => textAt(host, "rack"));
        return [...new Set(racks)].flatMap((rack) => {
          const there = racks.filter((other) => other === rack).length;
          return rack !== undefined && there * 2 > racks.length
            ? [`has ${there} of ${racks.length} ${group} in rack ${rack}: put them into three racks`]
            : [];
        });
      }),
    ),
  },
  {
    name: "enough-hosts",
    level: "mandatory",
    description: "Three workers and, where they are ours, two load balancers.",
    judge: ofCluster((props) => [
      ...(Number(at(props, "workers") ?? 0) < 3
        ? [`has ${Number(at(props, "workers"))} workers: make it 3 or more`]
        : []),
      ...(at(props, "loadBalancerMode") === "haproxy" && Number(at(props, "loadBalancers")) < 2
        ? [`has ${Number(at(props, "loadBalancers"))} load balancer: make it 2`]
        : []),
    ]),
  },
  {
    name: "monitoring-on",
    level: "advisory",
    description: "Somebody watches the cluster, and somebody is told.",
    judge: ofCluster((props) => {
      if (at(props, "monitoring") !== true) return ["is not watched: set monitoring.enabled: true"];
      return Number(at(props, "receivers") ?? 0) === 0
        ? ["tells nobody of its alerts: give monitoring.receivers"]
        : [];
    }),
  },
  {
    name: "workload-backup",
    level: "advisory",
    description: "Workloads and their volumes are saved somewhere else.",
    judge: ofCluster((props) =>
      at(props, "backup") === true
        ? []
        : ["saves no workload: give backup.s3, or a deleted namespace is gone with its volumes"],
    ),
  },
  {
    name: "default-class",
    level: "advisory",
    description: "A claim without a class gets a volume.",
    judge: ofCluster((props) =>
      at(props, "defaultClass") === undefined
        ? [
            "has no default storage class: set storage.localPath.enabled: true, or claims without a class wait for ever",
          ]
        : [],
    ),
  },
  {
    name: "pinned-host-key",
    level: "mandatory",
    description: "Every ssh connection knows the host's key beforehand.",
    judge: ({ type, props }) => {
      if (!COMMANDS.test(type)) return [];
      const connection = at(props, "connection");
      const proxy = at(connection, "proxy");
      return [connection, ...(proxy === undefined ? [] : [proxy])].flatMap((one) =>
        (textAt(one, "hostKey") ?? "") === ""
          ? [
              `connects to ${textAt(one, "host") ?? "a host"} without its key: set hostKey (ssh-keyscan -t ed25519 HOST)`,
            ]
          : [],
      );
    },
  },
];
