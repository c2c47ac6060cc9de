import * as pulumi from "@pulumi/pulumi";
import type { types } from "@pulumi/command";
import { compactKey } from "./privateKey";
import type { HostSpec, SshEndpoint } from "../spec/types";

/**
 * Attempts to reach a host's sshd before giving up; 4 at 5 s each end within 25 s,
 * so that an unreachable host is an error within a minute (the plugin's default of 10 x 15 s is minutes of silence).
 */
const DIAL = { dialErrorLimit: 4, perDialTimeout: 5 };

/** How the engine reaches one host; the host key, and the jump host's, is always pinned. */
export function connectionTo(
  host: HostSpec,
  privateKey: pulumi.Input<string> | undefined,
): types.input.remote.ConnectionArgs {
  return {
    ...endpoint(host.ssh, privateKey),
    ...(host.ssh.jump && { proxy: endpoint(host.ssh.jump, privateKey) }),
  };
}

function endpoint(ssh: SshEndpoint, privateKey: pulumi.Input<string> | undefined) {
  if (!ssh.hostKey) throw new Error(`the host key of ${ssh.address} is missing: it must be pinned`);
  return {
    host: ssh.address,
    port: ssh.port,
    user: ssh.user,
    hostKey: ssh.hostKey,
    ...DIAL,
    ...(privateKey !== undefined && { privateKey: pulumi.secret(privateKey).apply(compactKey) }),
  };
}
