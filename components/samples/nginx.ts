import type { types } from "@pulumi/kubernetes";
import { DRAIN_SECONDS, PATIENCE, RESTRICTED } from "../objects/pods";

/** Where the samples serve; a port above 1024 needs no right. */
export const NGINX_PORT = 8080;

/** The image's own user. */
const USER = 101;

/**
 * nginx.conf of a server that runs as anybody and writes to /tmp only: it answers where it is probed, and /work costs
 * processor time (a page that is packed anew for each request), for whoever wants to see it scale.
 */
export const NGINX_CONFIG = `worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events {
  worker_connections 1024;
}
http {
  access_log off;
  server_tokens off;
  client_body_temp_path /tmp/client;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  default_type text/plain;
  server {
    listen ${NGINX_PORT};
    location = /healthz {
      return 200 "alive\\n";
    }
    location = /ready {
      return 200 "ready\\n";
    }
    location = / {
      return 200 "$hostname\\n";
    }
    location = /work {
      gzip on;
      gzip_comp_level 9;
      gzip_types text/plain;
      gzip_proxied any;
      alias /etc/sample/work.txt;
    }
  }
}
`;

/** A page of 200 KiB that packs badly enough to take some milliseconds. */
export function workPage(): string {
  let seed = 1;
  const word = () => (seed = (seed * 48271) % 2147483647).toString(36);
  return Array.from({ length: 20_000 }, word)
    .join(" ")
    .slice(0, 200 * 1024);
}

/** A container that serves with nginx, probed at what it serves, and slow to end so that no request is lost. */
export function nginxContainer(image: string): types.input.core.v1.Container {
  const probe = (path: string) => ({ httpGet: { path, port: "http" } });
  return {
    name: "nginx",
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["nginx", "-e", "/dev/stderr", "-c", "/etc/sample/nginx.conf", "-g", "daemon off;"],
    ports: [{ name: "http", containerPort: NGINX_PORT }],
    resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "500m", memory: "512Mi" } },
    livenessProbe: { ...probe("/healthz"), ...PATIENCE },
    readinessProbe: { ...probe("/ready"), periodSeconds: 2, failureThreshold: 2 },
    // Nodes learn only after it that the pod is leaving; by itself it would refuse what they still send.
    lifecycle: { preStop: { sleep: { seconds: DRAIN_SECONDS } } },
    securityContext: { ...RESTRICTED, runAsUser: USER },
    volumeMounts: [
      { name: "files", mountPath: "/etc/sample", readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}

/** Files of the container, from a ConfigMap of that name, and its scratch space. */
export function nginxVolumes(configMap: string): types.input.core.v1.Volume[] {
  return [
    { name: "files", configMap: { name: configMap } },
    { name: "tmp", emptyDir: {} },
  ];
}
