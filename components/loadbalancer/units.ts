import { LB_PATHS } from "./haproxy";

/**
 * Drop-in of the distribution's haproxy.service.
 *
 * Before a planned stop the VIP moves away (0.5 s are two adverts), so clients lose nothing; after a crash it moves at
 * once. It never gives up starting again: systemd would after five times in ten seconds.
 */
export const HAPROXY_DROP_IN = `[Unit]
StartLimitIntervalSec=0

[Service]
Environment=CONFIG=${LB_PATHS.config}
ExecStartPost=/bin/sh -c 'echo 0 >${LB_PATHS.stopped}'
ExecStop=/bin/sh -c 'echo 1 >${LB_PATHS.stopped}; sleep 0.5'
ExecStopPost=/bin/sh -c 'echo 1 >${LB_PATHS.stopped}'
Restart=always
`;

/** Drop-in of the distribution's keepalived.service: it has no restart of its own, and stops before HAProxy at shutdown. */
export const KEEPALIVED_DROP_IN = `[Unit]
After=haproxy.service
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1
`;

/** Folder of the sockets and state files, root's alone to write; made before the services start. */
export const RUNTIME_FOLDER = "d /run/ha-kubernetes 0755 root root -\n";
