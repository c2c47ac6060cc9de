/** Error texts as Go's net and x/crypto/ssh write them, so that people and tests meet the official plugin's words. */

const SYSCALL: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "connect: connection timed out",
  ECONNRESET: "connect: connection reset by peer",
  EACCES: "connect: permission denied",
  ENOENT: "connect: no such file or directory",
};

/** The text for a TCP or unix connection that failed. */
export function dialError(network: "tcp" | "unix", address: string, error: NodeJS.ErrnoException): Error {
  if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN") {
    return new Error(`dial ${network}: lookup ${address.replace(/:\d+$/, "")}: no such host`);
  }
  return new Error(`dial ${network} ${address}: ${SYSCALL[error.code ?? ""] ?? error.message}`);
}

/** A host and port as Go's net.JoinHostPort writes them. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The text for a handshake that failed after the TCP connection stood. */
export function handshakeError(reason: string): Error {
  return new Error(`ssh: handshake failed: ${reason}`);
}

const CHANNEL_REASONS: Readonly<Record<number, string>> = {
  1: "administratively prohibited",
  2: "connect failed",
  3: "unknown channel type",
  4: "resource shortage",
};

/** The text for a channel the server would not open. */
export function channelError(error: Error & { reason?: unknown }): Error {
  const reason = typeof error.reason === "number" ? CHANNEL_REASONS[error.reason] : undefined;
  if (reason === undefined) return error;
  const description = error.message.replace(/^\(SSH\) Channel open failure: /, "");
  return new Error(`ssh: rejected: ${reason} (${description})`);
}

const SIGNALS: Readonly<Record<string, number>> = {
  ABRT: 6,
  ALRM: 14,
  FPE: 8,
  HUP: 1,
  ILL: 4,
  INT: 2,
  KILL: 9,
  PIPE: 13,
  QUIT: 3,
  SEGV: 11,
  TERM: 15,
};

/** How a remote process ended, in words; undefined means well. */
export function exitError(
  code: number | undefined,
  signal: string | undefined,
  message: string,
): string | undefined {
  if (code === 0) return undefined;
  if (code === undefined && signal === undefined) {
    return "wait: remote command exited without exit status or exit signal";
  }
  const name = signal?.replace(/^SIG/, "");
  const status = code ?? 128 + (SIGNALS[name ?? ""] ?? 0);
  const from = name === undefined ? "" : ` from signal ${name}`;
  return `Process exited with status ${status}${from}${message === "" ? "" : `. Reason was: ${message}`}`;
}
