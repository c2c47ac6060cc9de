import { on } from "./support";

/** Lets something else answer a host in the artifact server's place. */
export async function tamper(host: string): Promise<void> {
  const reply = "printf 'HTTP/1.0 200 OK\\r\\nContent-Length: 8\\r\\n\\r\\ntampered'";
  await on(host, `cat >/root/reply <<'END'\n#!/bin/bash\n${reply}\nEND\nchmod 755 /root/reply`);
  const socat = "socat TCP-LISTEN:8001,fork,reuseaddr EXEC:/root/reply";
  await on(host, `systemd-run --collect --unit=squatter ${socat}`);
  await on(host, "iptables -t nat -A OUTPUT -p tcp --dport 8000 -j REDIRECT --to-ports 8001");
}

export async function untamper(host: string): Promise<void> {
  await on(host, "iptables -t nat -F OUTPUT; systemctl stop squatter; rm /root/reply");
}
