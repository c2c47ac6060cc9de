import { checkIpv4, parseIpv4 } from "./cidr";
import type { Finding } from "./problems";

/** Longest DNS label, in characters (RFC 1035, 2.3.4). */
const LABEL_LIMIT = 63;

/** Longest DNS name, in characters (RFC 1035, 2.3.4, without the root's dot). */
const NAME_LIMIT = 253;

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$/;

/** What is wrong with a name of a cluster or host (RFC 1123 label), or undefined. */
export function checkLabel(text: string): Finding | undefined {
  return text.length <= LABEL_LIMIT && LABEL.test(text)
    ? undefined
    : {
        message: "is not a name of lower-case letters, digits and hyphens (RFC 1123 label, at most 63)",
        cure: cureLabel(text),
      };
}

function cureLabel(text: string): string {
  const better = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, LABEL_LIMIT)
    .replace(/^-+|-+$/g, "");
  return LABEL.test(better) ? `write ${better}` : "choose a name such as worker-1";
}

/** What is wrong with a DNS name, or undefined; an address is no name. */
export function checkDnsName(text: string): Finding | undefined {
  if (parseIpv4(text) !== undefined) {
    return {
      message: "is an address where a DNS name is needed",
      cure: "write a name, as in k8s-api.example.com",
    };
  }
  return text.length <= NAME_LIMIT && text.split(".").every((l) => l.length <= LABEL_LIMIT && LABEL.test(l))
    ? undefined
    : { message: "is not a lower-case DNS name", cure: "write a name, as in k8s-api.example.com" };
}

/** What is wrong with something that may be an IPv4 address or a DNS name, or undefined. */
export function checkAddressOrName(text: string): Finding | undefined {
  return text.includes(":") || /^[\d.]+$/.test(text) ? checkIpv4(text) : checkDnsName(text);
}

/** What is wrong with a rack or zone, which becomes the value of a node's label, or undefined. */
export function checkLabelValue(text: string): Finding | undefined {
  return text.length <= LABEL_LIMIT && LABEL_VALUE.test(text)
    ? undefined
    : {
        message: "can't be the value of a node label (letters, digits, - _ . inside, at most 63)",
        cure: "choose a short word, as in rack-1",
      };
}

/** What is wrong with a base address that hosts fetch from, or undefined. */
export function checkBaseUrl(text: string): Finding | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    return {
      message: "is not an http or https address",
      cure: "write it as in https://mirror.example.com/k8s",
    };
  }
  return url.username === "" && url.password === ""
    ? undefined
    : {
        message: "holds a user or password, and this config is stored in clear",
        cure: "take them out and let the server know the hosts by their addresses",
      };
}

/** What is wrong with the name of the secret config key of the ssh key, or undefined. */
export function checkKeyName(text: string): Finding | undefined {
  if (text.includes("PRIVATE KEY") || text.includes("\n")) {
    return {
      message: "is a key where the name of a secret is needed",
      cure: "treat that key as leaked; pulumi config set --secret sshPrivateKey < KEYFILE, and write privateKey: sshPrivateKey",
    };
  }
  return CONFIG_KEY.test(text)
    ? undefined
    : {
        message: "is not the name of a config key",
        cure: "pulumi config set --secret sshPrivateKey < KEYFILE, and write privateKey: sshPrivateKey",
      };
}

/** What is wrong with the name of a secret config key, such as `example`, or undefined. */
export function checkSecretName(text: string, example: string): Finding | undefined {
  return CONFIG_KEY.test(text)
    ? undefined
    : {
        hidden: true,
        message: "is not the name of a config key; if it is the secret itself, treat it as leaked",
        cure: `pulumi config set --secret ${example}, and write ${example} here`,
      };
}

const CONFIG_KEY = /^[A-Za-z][-\w]*(:[A-Za-z][-\w]*)?$/;

/** What is wrong with a mail address, or undefined. */
export function checkMailAddress(text: string): Finding | undefined {
  return /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text)
    ? undefined
    : { message: "is not a mail address", cure: "write it as in operators@example.com" };
}

/** What is wrong with a server's address with its port, such as `example`, or undefined. */
export function checkHostAndPort(text: string, example = "mail.example.com:587"): Finding | undefined {
  const [, host = "", port = ""] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  return checkAddressOrName(host) === undefined && Number(port) >= 1 && Number(port) <= 65535
    ? undefined
    : { message: "is not a server with a port", cure: `write it as in ${example}` };
}

/** What is wrong with a Slack channel, or undefined. */
export function checkChannel(text: string): Finding | undefined {
  return /^[#@][^\s#@]+$/.test(text)
    ? undefined
    : { message: "is not a channel", cure: 'write it in quotes, as in "#alerts"' };
}

/** What is wrong with a sha256, or undefined. */
export function checkSha256(text: string): Finding | undefined {
  return /^[0-9a-f]{64}$/.test(text)
    ? undefined
    : { message: "is not a sha256 (64 hex digits in lower case)", cure: "sha256sum manifest.txt" };
}

/** What is wrong with the name of a kubeadm preflight check, or undefined. */
export function checkPreflight(text: string): Finding | undefined {
  if (text.toLowerCase() === "all") {
    return {
      message: "would hide every problem that kubeadm finds",
      cure: "name the checks, as in SystemVerification",
    };
  }
  return /^[A-Za-z][-\w./]*$/.test(text)
    ? undefined
    : {
        message: "is not a name of a kubeadm check",
        cure: "copy it from kubeadm's output, as in SystemVerification",
      };
}

/** What is wrong with the name of a user on a host (useradd's rule, at most 32), or undefined. */
export function checkUser(text: string): Finding | undefined {
  return /^[a-z_][-a-z0-9_]{0,31}$/.test(text)
    ? undefined
    : { message: "is not a user name", cure: "write root, or a user who may sudo without a password" };
}

/** What is wrong with a folder on the hosts that is ours alone, or undefined. */
export function checkFolder(text: string): Finding | undefined {
  if (!/^(\/[-\w.]+)+$/.test(text) || text.split("/").some((part) => part === "." || part === "..")) {
    return {
      message: "is not an absolute path of letters, digits, - _ and . without a slash at its end",
      cure: "write it as in /var/lib/local-path",
    };
  }
  return !SYSTEM_FOLDERS.test(text)
    ? undefined
    : {
        message: "is a folder of the host's system",
        cure: "choose one that holds nothing else, as in /var/lib/local-path",
      };
}

/** Folders whose content the system or Kubernetes itself owns. */
const SYSTEM_FOLDERS =
  /^\/(bin|boot|dev|etc|lib|lib64|proc|root|run|sbin|sys|usr)(\/|$)|^\/(home|media|mnt|opt|srv|tmp|var|var\/lib)$|^\/var\/lib\/(kubelet|containerd|etcd|cni)(\/|$)/;

/** What is wrong with an image reference, or undefined: registry and tag are said, so that it means one thing everywhere. */
export function checkImage(text: string): Finding | undefined {
  const [, registry = "", tag = ""] =
    /^([a-z0-9.-]+(?::\d+)?)\/[a-z0-9._/-]+:([\w][\w.-]*)(?:@sha256:[0-9a-f]{64})?$/.exec(text) ?? [];
  return /[.:]/.test(registry) && tag !== "latest" && tag !== ""
    ? undefined
    : {
        message: "is not an image with its registry and an exact tag",
        cure: "write it as in docker.io/library/nginx:1.28.0",
      };
}

/** What is wrong with the name of a bucket, or undefined (S3's rules for buckets, without dots, which break TLS). */
export function checkBucket(text: string): Finding | undefined {
  return /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/.test(text)
    ? undefined
    : {
        message: "is not the name of a bucket (3 to 63 lower case letters, digits and hyphens)",
        cure: "write it as in cluster-backups",
      };
}
/** What is wrong with the id of a Ceph cluster, or undefined. */
export function checkFsid(text: string): Finding | undefined {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)
    ? undefined
    : { message: "is not the fsid of a Ceph cluster (a UUID in lower case)", cure: "ceph fsid" };
}

/** What is wrong with the name of a pool of Ceph, or undefined. */
export function checkCephName(text: string): Finding | undefined {
  return CEPH_NAME.test(text)
    ? undefined
    : { message: "is not the name of a pool", cure: "copy it from ceph osd pool ls" };
}

/** What is wrong with the name of a user of Ceph, or undefined. */
export function checkCephUser(text: string): Finding | undefined {
  if (text.startsWith("client.")) {
    return {
      message: "begins with its type, which the driver puts there itself",
      cure: `write ${text.slice(7)}`,
    };
  }
  return CEPH_NAME.test(text)
    ? undefined
    : { message: "is not the name of a user", cure: "copy it from ceph auth ls, without client." };
}

const CEPH_NAME = /^[A-Za-z0-9_][-\w.]*$/;

/** What is wrong with the path of an NFS export, or undefined. */
export function checkShare(text: string): Finding | undefined {
  return /^(\/|(\/[-\w.]+)+)$/.test(text) && !text.split("/").some((part) => part === "." || part === "..")
    ? undefined
    : {
        message: "is not an absolute path of letters, digits, - _ and . without a slash at its end",
        cure: "write it as in /srv/kubernetes",
      };
}

/** What is wrong with a mount option, or undefined. */
export function checkMountOption(text: string): Finding | undefined {
  return /^[a-z][a-z0-9_]*(=[^\s,]+)?$/.test(text)
    ? undefined
    : { message: "is not one mount option", cure: "write each as a line of its own, as in nfsvers=4.1" };
}
