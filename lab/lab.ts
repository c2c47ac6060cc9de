import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** One lab: everything of a checkout's lab carries its id, so that two checkouts don't meet. */
export interface Lab {
  /** Root of the checkout. */
  readonly root: string;
  /** Hash of the checkout's path. */
  readonly id: string;
  /** The lab's own ignored folder: config, keys, state, hosts. */
  readonly dir: string;
  /** Name of its network namespace. */
  readonly netns: string;
  /** Where tools and bundles are kept between checkouts, by version and hash. */
  readonly cache: string;
}

/** The lab of the checkout that this file lies in. */
export function thisLab(): Lab {
  const root = resolve(__dirname, "..");
  const id = createHash("sha256").update(root).digest("hex").slice(0, 8);
  return {
    root,
    id,
    dir: join(root, ".lab"),
    netns: `hk-${id}`,
    cache: process.env.HA_KUBERNETES_CACHE ?? join(homedir(), ".cache", "ha-kubernetes"),
  };
}

/** Machine-side address on the lab's bridge, and the port that serves the bundle there. */
export const BUNDLE_SERVER = { address: "192.168.10.1", port: 8000 };

/** Where the object store answers, beside the bundle. */
export const OBJECT_STORE = { address: BUNDLE_SERVER.address, port: 9000 };
