import { classesOn } from "../storageClasses";
import { problem, type Facts, type Judgement } from "./facts";

/** Port of Ceph's messenger v2 (IANA, docs.ceph.com, msgr2): the kernel's client speaks v1 unless each map tells it otherwise. */
const MESSENGER_V2_PORT = ":3300";

/** Monitors that can be used, and a default class that there is. */
export function* storage({ config }: Facts): Generator<Judgement> {
  const { ceph, defaultClass } = config.storage ?? {};
  const monitors = ceph?.monitors ?? [];
  for (const [i, monitor] of monitors.entries()) {
    if (typeof monitor !== "string") continue;
    const path = `storage.ceph.monitors[${i}]`;
    const first = monitors.indexOf(monitor);
    if (first < i) {
      yield problem(path, monitor, `is also storage.ceph.monitors[${first}]`, "delete one of them");
    }
    if (monitor.endsWith(MESSENGER_V2_PORT)) {
      const message = "is the port of messenger v2, by which the kernel maps no volume";
      yield problem(path, monitor, message, `write ${monitor.slice(0, -MESSENGER_V2_PORT.length)}:6789`);
    }
  }
  const classes = classesOn(config.storage ?? {});
  if (defaultClass !== undefined && !classes.includes(defaultClass)) {
    const cure =
      classes.length === 0
        ? `set ${SWITCHES[defaultClass]}`
        : `set ${SWITCHES[defaultClass]}, or write ${classes.join(" or ")}`;
    yield problem("storage.defaultClass", defaultClass, "is a class that is not on", cure);
  }
}

/** What switches each class on. */
const SWITCHES = {
  "ceph-rbd-ssd": "storage.ceph",
  "local-path": "storage.localPath.enabled: true",
  "nfs-client": "storage.nfs",
} as const;
