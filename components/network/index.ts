export { CALICO_METRICS_PORTS, calicoValues, type CalicoValues } from "./calicoValues";
export { KUBE_ROUTER_METRICS_PORT } from "./kubeRouter";
export { Network, type NetworkArgs } from "./network";
