import { deepEqual } from "node:assert/strict";
import { goodConfig, keyed, PRIVATE_KEY, problemsOf, withHost, without } from "./configs";
import { exampleHostKey } from "./exampleKeys";
import { ecdsaKey, rsaKey, sshKey } from "./hostKeys";

/** What is wrong, a config that has it, and everything that is printed. */
type Case = [title: string, config: () => unknown, expected: string[]];

const CASES: Case[] = [
  [
    "a host without a key",
    () => withHost("master-1", { ssh: undefined }),
    [
      "hosts[2].ssh.hostKey: nothing is given, and it is required",
      "cure: add it: Public host key, `TYPE BASE64` (ssh-ed25519, ecdsa-sha2-nistp256/384/521 or ssh-rsa); always checked.",
    ],
  ],
  [
    "a type without a key",
    () => keyed("ssh-ed25519"),
    [
      'hosts[2].ssh.hostKey: "ssh-ed25519" has a type but no key after it',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "a placeholder",
    () => keyed("ssh-ed25519 AAAA..."),
    [
      'hosts[2].ssh.hostKey: "ssh-ed25519 AAAA..." is cut off or is not base64',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "a key cut off",
    () => keyed(exampleHostKey("x").slice(0, 50)),
    [
      'hosts[2].ssh.hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILVTsCw5Sb/GSh" is cut off or is not base64',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "a type that is not the one inside",
    () => keyed(exampleHostKey("x").replace("ssh-ed25519", "ssh-rsa")),
    [
      'hosts[2].ssh.hostKey: "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAILVTsCw5Sb/...gf0BarcYlsI" says ssh-rsa, but the key inside is ssh-ed25519',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "a line of known_hosts with its names",
    () => keyed(`192.168.10.101 ${exampleHostKey("x")}`),
    [
      'hosts[2].ssh.hostKey: "192.168.10.101 ssh-ed25519 AAAAC3NzaC1lZDI1...gf0BarcYlsI" does not begin with the key\'s type',
      "cure: leave out the host names and options before it",
    ],
  ],
  [
    "a type that is no longer in use",
    () => keyed("ssh-dss AAAAB3NzaC1kc3M="),
    [
      'hosts[2].ssh.hostKey: "ssh-dss AAAAB3NzaC1kc3M=" is no host key of a type in use (ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ssh-rsa)',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "a private key, without printing it",
    () => keyed(PRIVATE_KEY),
    [
      "hosts[2].ssh.hostKey: (a private key, not printed) is a private key where the host's public key is needed",
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "an ed25519 key of 31 bytes",
    () => keyed(sshKey("ssh-ed25519", "ssh-ed25519", Buffer.alloc(31))),
    [
      'hosts[2].ssh.hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAHwAAAAA...AAAAAAAAAA=" is not a whole ssh-ed25519 key',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "an ECDSA key on another curve",
    () => keyed(ecdsaKey("ecdsa-sha2-nistp256", "nistp384", 97)),
    [
      'hosts[2].ssh.hostKey: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbml...wcHBwcHBw==" is not a whole ecdsa-sha2-nistp256 key',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "an RSA key of 1024 bits",
    () => keyed(rsaKey(1024)),
    [
      'hosts[2].ssh.hostKey: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQD////...////////w==" is an RSA key of 1024 bits, fewer than 2048',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "a jump host without a key",
    () => goodConfig({ ssh: { jump: { address: "jump.example.com" } } }),
    [
      "ssh.jump.hostKey: nothing is given, and it is required",
      "cure: add it: Its public host key, as `hosts[].ssh.hostKey`.",
    ],
  ],
];

describe("host keys", () => {
  for (const [title, config, expected] of CASES) {
    it(`refuses ${title}`, () => deepEqual(problemsOf(config()), expected));
  }
});
