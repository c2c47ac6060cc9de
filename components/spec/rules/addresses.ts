import { contains, overlaps, parseCidr, parseIpv4, type Cidr } from "../cidr";
import { addressOf, called, problem, warning, type Facts, type Judgement, type PlacedHost } from "./facts";

/** Bits of the network in which the VIP is expected beside the load balancers. */
const NEIGHBOUR_BITS = 24;

/** Names and addresses that two hosts share. */
export function* duplicates({ hosts }: Facts): Generator<Judgement> {
  for (const key of ["name", "address"] as const) {
    const seen = new Map<string, PlacedHost>();
    for (const host of hosts) {
      const value = host[key];
      if (value === undefined) continue;
      const first = seen.get(value);
      if (first === undefined) seen.set(value, host);
      else
        yield problem(
          `${host.path}.${key}`,
          value,
          `is also the ${key} of ${first.path}`,
          `give each host its own ${key}`,
        );
    }
  }
}

/** The address of the API. */
export function* endpoint({ config, hosts }: Facts): Generator<Judgement> {
  const address = config.endpoint?.address;
  const mode = config.loadBalancer?.mode;
  if (address === undefined) return;
  const path = "endpoint.address";
  const owner = hosts.find((host) => host.address === address);
  if (owner !== undefined) {
    const cure =
      mode === "external"
        ? "give the load balancer's own address"
        : "choose a free address beside the load balancers'";
    yield problem(path, address, `is ${called(owner)}'s own address`, cure);
    return;
  }
  if (mode !== "haproxy") return;
  const vip = addressOf(address);
  if (vip === undefined) {
    const cure = "write the VIP here and the name in endpoint.dnsName";
    yield problem(path, address, "is a name, but Keepalived moves an address", cure);
    return;
  }
  const balancers = hosts.filter((host) => host.role === "loadbalancer" && host.address !== undefined);
  const neighbours = balancers.some((host) => host.address !== undefined && sameNetwork(host.address, vip));
  if (balancers.length > 0 && !neighbours) {
    yield warning(
      path,
      address,
      `is in no load balancer's /${NEIGHBOUR_BITS}, and VRRP can't move an address beyond a layer-2 network`,
      "choose an address of their network, or go on if that network is larger",
    );
  }
}

function sameNetwork(text: string, address: number): boolean {
  const network = parseCidr(`${text}/${NEIGHBOUR_BITS}`);
  return network !== undefined && contains(network, address);
}

/** Pod and service networks against each other and against every address outside of them. */
export function* networks(facts: Facts): Generator<Judgement> {
  const { podCidr, serviceCidr } = facts.config.network ?? {};
  const pods = podCidr === undefined ? undefined : parseCidr(podCidr);
  const services = serviceCidr === undefined ? undefined : parseCidr(serviceCidr);
  if (pods !== undefined && services !== undefined && overlaps(pods, services)) {
    yield problem(
      "network.podCidr",
      podCidr,
      `overlaps network.serviceCidr ${serviceCidr}`,
      "choose two networks apart from each other",
    );
  }
  if (pods !== undefined) yield* outside(facts, "network.podCidr", podCidr, pods);
  if (services !== undefined) yield* outside(facts, "network.serviceCidr", serviceCidr, services);
}

function* outside(facts: Facts, path: string, text: string | undefined, network: Cidr): Generator<Judgement> {
  const inside = [...fixedAddresses(facts)].filter(([, address]) => contains(network, address));
  const [first] = inside;
  if (first === undefined) return;
  const more = inside.length === 1 ? "" : ` and ${inside.length - 1} more addresses in use`;
  yield problem(
    path,
    text,
    `holds ${first[0]}${more}`,
    "choose a network that nothing outside the cluster uses",
  );
}

/** Every address that hosts must reach beside pods and Services, with its owner. */
function* fixedAddresses({ config, hosts }: Facts): Generator<[string, number]> {
  const named: [string, string | undefined][] = [
    ["the API's address", config.endpoint?.address],
    ["the jump host", config.ssh?.jump?.address],
    ...hosts.flatMap((host): [string, string | undefined][] => [
      [`${called(host)}'s address`, host.address],
      [`${called(host)}'s jump host`, host.ssh?.jump?.address],
    ]),
  ];
  for (const [owner, text] of named) {
    const address = text === undefined ? undefined : parseIpv4(text);
    if (address !== undefined) yield [`${owner} ${text}`, address];
  }
}
