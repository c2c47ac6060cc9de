import { join } from "node:path";

/** Shell files that masters and workers share, in their order. */
export const NODE_SCRIPTS = ["system.sh", "containerd.sh", "kubelet.sh"].map((file) =>
  join(__dirname, "scripts", file),
);
