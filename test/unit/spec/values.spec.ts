import { deepEqual } from "node:assert/strict";
import { goodConfig, PRIVATE_KEY, problemsOf, withHost } from "./configs";

/** What is wrong, a config that has it, and everything that is printed. */
type Case = [title: string, config: () => unknown, expected: string[]];

const CASES: Case[] = [
  [
    "a name that is no RFC 1123 label",
    () => goodConfig({ name: "My Cluster" }),
    [
      'name: "My Cluster" is not a name of lower-case letters, digits and hyphens (RFC 1123 label, at most 63)',
      "cure: write my-cluster",
    ],
  ],
  [
    "a host's name that is too long",
    () => withHost("worker-1", { name: "w".repeat(64) }),
    [
      'hosts[8].name: "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww...wwwwwwwwwww" is not a name of lower-case letters, digits and hyphens (RFC 1123 label, at most 63)',
      "cure: write wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
    ],
  ],
  [
    "an address with a part above 255",
    () => withHost("master-1", { address: "192.168.10.256" }),
    [
      'hosts[2].address: "192.168.10.256" is not an IPv4 address',
      "cure: write four numbers from 0 to 255, as in 192.168.10.101",
    ],
  ],
  [
    "an address with leading zeros",
    () => withHost("master-1", { address: "192.168.010.1" }),
    [
      'hosts[2].address: "192.168.010.1" is not an IPv4 address',
      "cure: write four numbers from 0 to 255, as in 192.168.10.101",
    ],
  ],
  [
    "an IPv6 address",
    () => withHost("master-1", { address: "fd00::1" }),
    [
      'hosts[2].address: "fd00::1" is an IPv6 address, and this version builds IPv4 clusters only',
      "cure: give the host's IPv4 address",
    ],
  ],
  [
    "an address that no other host reaches",
    () => withHost("master-1", { address: "127.0.0.1" }),
    [
      'hosts[2].address: "127.0.0.1" can\'t be used: 127.0.0.1 is a loopback address, which every host has for itself',
      "cure: give the address by which other hosts reach it",
    ],
  ],
  [
    "a network without its bits",
    () => goodConfig({ network: { serviceCidr: "10.96.0.0" } }),
    [
      'network.serviceCidr: "10.96.0.0" is not an IPv4 network',
      "cure: write address/bits, as in 10.244.0.0/16",
    ],
  ],
  [
    "an IPv6 network",
    () => goodConfig({ network: { podCidr: "fd00::/48" } }),
    [
      'network.podCidr: "fd00::/48" is an IPv6 network, and this version builds IPv4 clusters only',
      "cure: give an IPv4 network, as in 10.244.0.0/16",
    ],
  ],
  [
    "a network with bits behind its prefix",
    () => goodConfig({ network: { podCidr: "10.244.1.0/16" } }),
    [
      'network.podCidr: "10.244.1.0/16" has bits set behind its prefix, which Calico refuses',
      "cure: write 10.244.0.0/16",
    ],
  ],
  [
    "an address where a DNS name is needed",
    () => goodConfig({ endpoint: { address: "192.168.10.100", dnsName: "192.168.10.100" } }),
    [
      'endpoint.dnsName: "192.168.10.100" is an address where a DNS name is needed',
      "cure: write a name, as in k8s-api.example.com",
    ],
  ],
  [
    "a DNS name with capitals",
    () => goodConfig({ endpoint: { address: "192.168.10.100", dnsName: "K8s.example.com" } }),
    [
      'endpoint.dnsName: "K8s.example.com" is not a lower-case DNS name',
      "cure: write a name, as in k8s-api.example.com",
    ],
  ],
  [
    "a virtual router id of 0",
    () => goodConfig({ loadBalancer: { virtualRouterId: 0 } }),
    ["loadBalancer.virtualRouterId: 0 is less than 1", "cure: write 1 or more"],
  ],
  [
    "a virtual router id above 255",
    () => goodConfig({ loadBalancer: { virtualRouterId: 256 } }),
    ["loadBalancer.virtualRouterId: 256 is more than 255", "cure: write 255 or less"],
  ],
  [
    "an advert interval finer than a centisecond",
    () => goodConfig({ loadBalancer: { advertSeconds: 0.255 } }),
    ["loadBalancer.advertSeconds: 0.255 is not a multiple of 0.01", "cure: write 0.26"],
  ],
  [
    "an advert interval beyond VRRP's 12 bits",
    () => goodConfig({ loadBalancer: { advertSeconds: 41 } }),
    ["loadBalancer.advertSeconds: 41 is more than 40.95", "cure: write 40.95 or less"],
  ],
  [
    "a size of no memory",
    () => withHost("worker-1", { memoryGiB: 0 }),
    ["hosts[8].memoryGiB: 0 is not more than 0", "cure: write more than 0"],
  ],
  [
    "a rack that can't be a label's value",
    () => withHost("worker-1", { rack: "rack one" }),
    [
      'hosts[8].rack: "rack one" can\'t be the value of a node label (letters, digits, - _ . inside, at most 63)',
      "cure: choose a short word, as in rack-1",
    ],
  ],
  [
    "ignoring all preflight checks",
    () => goodConfig({ ignorePreflightErrors: ["All"] }),
    [
      'ignorePreflightErrors[0]: "All" would hide every problem that kubeadm finds',
      "cure: name the checks, as in SystemVerification",
    ],
  ],
  [
    "a preflight check that can't be one",
    () => goodConfig({ ignorePreflightErrors: ["a b"] }),
    [
      'ignorePreflightErrors[0]: "a b" is not a name of a kubeadm check',
      "cure: copy it from kubeadm's output, as in SystemVerification",
    ],
  ],
  [
    "a base address of another protocol",
    () => goodConfig({ artifacts: { source: "mirror", baseUrl: "ftp://mirror.example.com" } }),
    [
      'artifacts.baseUrl: "ftp://mirror.example.com" is not an http or https address',
      "cure: write it as in https://mirror.example.com/k8s",
    ],
  ],
  [
    "a base address with a password, without printing it",
    () => goodConfig({ artifacts: { source: "mirror", baseUrl: "https://ops:secret@mirror.example.com" } }),
    [
      'artifacts.baseUrl: "https://(hidden)@mirror.example.com" holds a user or password, and this config is stored in clear',
      "cure: take them out and let the server know the hosts by their addresses",
    ],
  ],
  [
    "a manifest's sum that is none",
    () =>
      goodConfig({
        artifacts: { source: "bundle", baseUrl: "https://x.example.com", manifestSha256: "abc" },
      }),
    [
      'artifacts.manifestSha256: "abc" is not a sha256 (64 hex digits in lower case)',
      "cure: sha256sum manifest.txt",
    ],
  ],
  [
    "a user name with a blank",
    () => goodConfig({ ssh: { user: "a b" } }),
    ['ssh.user: "a b" is not a user name', "cure: write root, or a user who may sudo without a password"],
  ],
  [
    "a path where the name of a secret is needed",
    () => goodConfig({ ssh: { privateKey: "~/.ssh/id_ed25519" } }),
    [
      'ssh.privateKey: "~/.ssh/id_ed25519" is not the name of a config key',
      "cure: pulumi config set --secret sshPrivateKey < KEYFILE, and write privateKey: sshPrivateKey",
    ],
  ],
  [
    "a private key where the name of a secret is needed, without printing it",
    () => goodConfig({ ssh: { privateKey: PRIVATE_KEY } }),
    [
      "ssh.privateKey: (a private key, not printed) is a key where the name of a secret is needed",
      "cure: treat that key as leaked; pulumi config set --secret sshPrivateKey < KEYFILE, and write privateKey: sshPrivateKey",
    ],
  ],
];

describe("single values", () => {
  for (const [title, config, expected] of CASES) {
    it(`refuses ${title}`, () => deepEqual(problemsOf(config()), expected));
  }
});
