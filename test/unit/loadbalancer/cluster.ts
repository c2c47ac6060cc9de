import { parseCluster } from "../../../components/spec/parse";
import { goodConfig } from "../spec/configs";

/** The example cluster: VIP 192.168.10.100, masters .101-.103, load balancers .11 and .12. */
export const CLUSTER = parseCluster(goodConfig());
