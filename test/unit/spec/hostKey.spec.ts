import { deepEqual } from "node:assert/strict";
import { goodConfig, keyed, PRIVATE_KEY, problemsOf, withHost } from "./configs";
import { exampleHostKey } from "./exampleKeys";
import { ecdsaKey, sshKey } from "./hostKeys";

/** What is wrong, a config that has it, and everything that is printed. */
type Case = [title: string, config: () => unknown, expected: string[]];

const CASES: Case[] = [
  [
    "a host without a key",
    () => withHost("master-1", { ssh: undefined }),
    [
      "hosts[2].ssh.hostKey: nothing is given, and it is required",
      "cure: add it: Public host key, `TYPE BASE64` (ssh-ed25519 or ecdsa-sha2-nistp256/384/521); always checked.",
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
    () => keyed(exampleHostKey("x").replace("ssh-ed25519", "ecdsa-sha2-nistp256")),
    [
      'hosts[2].ssh.hostKey: "ecdsa-sha2-nistp256 AAAAC3NzaC1lZDI1NTE5AAA...gf0BarcYlsI" says ecdsa-sha2-nistp256, but the key inside is ssh-ed25519',
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
      'hosts[2].ssh.hostKey: "ssh-dss AAAAB3NzaC1kc3M=" is no host key of a type in use (ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521)',
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
    "an ed25519 key with a field too many",
    () => keyed(sshKey("ssh-ed25519", "ssh-ed25519", Buffer.alloc(32), "x")),
    [
      'hosts[2].ssh.hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAA...AAAAAAAAXg=" is not a whole ssh-ed25519 key',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "an ed25519 key with stray bytes behind it",
    () =>
      keyed(
        `ssh-ed25519 ${Buffer.concat([Buffer.from(exampleHostKey("x").split(" ")[1] ?? "", "base64"), Buffer.alloc(2)]).toString("base64")}`,
      ),
    [
      'hosts[2].ssh.hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILVTsCw...arcYlsIAAA=" is cut off or is not base64',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "a key of a type and nothing else inside",
    () => keyed(sshKey("ssh-ed25519", "ssh-ed25519")),
    [
      'hosts[2].ssh.hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5" is not a whole ssh-ed25519 key',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "a key with nothing inside",
    () => keyed("ssh-ed25519 ="),
    [
      'hosts[2].ssh.hostKey: "ssh-ed25519 =" is cut off or is not base64',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "a key that is not base64",
    () => keyed("ssh-ed25519 !!!!"),
    [
      'hosts[2].ssh.hostKey: "ssh-ed25519 !!!!" is cut off or is not base64',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "an ECDSA key with a field too many",
    () => keyed(sshKey("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "nistp256", Buffer.alloc(65, 4), "x")),
    [
      'hosts[2].ssh.hostKey: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbml...AQAAAABeA==" is not a whole ecdsa-sha2-nistp256 key',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "an ECDSA key with a point cut off",
    () => keyed(ecdsaKey("ecdsa-sha2-nistp256", "nistp256", 64)),
    [
      'hosts[2].ssh.hostKey: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbml...wcHBwcHBw==" is not a whole ecdsa-sha2-nistp256 key',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "an ECDSA key with a compressed point",
    () => keyed(sshKey("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "nistp256", Buffer.alloc(65, 3))),
    [
      'hosts[2].ssh.hostKey: "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbml...wMDAwMDAwM=" is not a whole ecdsa-sha2-nistp256 key',
      "cure: on the host itself: cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub; and write that line here (ssh-keyscan from afar trusts whoever answers)",
    ],
  ],
  [
    "an RSA key, of which sshd no longer proves what the plugin asks for",
    () => keyed(sshKey("ssh-rsa", "ssh-rsa", Buffer.from([1, 0, 1]), Buffer.alloc(257, 7))),
    [
      'hosts[2].ssh.hostKey: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQcHBwc...wcHBwcHBwcH" is an RSA key, which no current sshd proves in the way it would be asked to',
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
