export * from "./loadBalancerPair";
