import { stringify } from "yaml";
import type { ReceiversSpec } from "../spec/types";

/** Where the secrets of the receivers lie in Alertmanager's pods, each in a file of the secret config key's name. */
export const RECEIVER_SECRETS = "/etc/alertmanager/secrets";

/**
 * alertmanager.yml: how alerts are grouped, and who gets them. It holds no secret: those are in files beside it.
 * Without receivers alerts are shown and sent nowhere.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/
 */
export function alertmanagerConfig(receivers: ReceiversSpec): string {
  const operators = operatorsOf(receivers);
  const told = Object.keys(operators).length > 0;
  const { watchdog } = receivers;
  return stringify({
    route: {
      receiver: told ? "operators" : "none",
      // One message for what one fault does to many.
      group_by: ["alertname", "namespace"],
      // Alertmanager's own defaults (config.go, DefaultRoute) but for the first: an outage is told of soon.
      group_wait: "10s",
      group_interval: "5m",
      repeat_interval: "4h",
      routes: [
        {
          matchers: ["alertname=Watchdog"],
          receiver: watchdog ? "watchdog" : "none",
          // Whoever waits for it is to notice within minutes that it stays away.
          group_wait: "0s",
          group_interval: "1m",
          repeat_interval: "1m",
        },
      ],
    },
    // A node that is down explains what fails on it.
    inhibit_rules: [
      { source_matchers: ["alertname=NodeDown"], target_matchers: ["severity=warning"], equal: ["node"] },
    ],
    receivers: [
      { name: "none" },
      ...(told ? [{ name: "operators", ...operators }] : []),
      ...(watchdog
        ? [
            {
              name: "watchdog",
              webhook_configs: [{ url_file: secretFile(watchdog.urlSecret), send_resolved: false }],
            },
          ]
        : []),
    ],
  });
}

/** Everything that an operator is told by, all of it by all of them. */
function operatorsOf({ email, webhook, slack, pagerduty }: ReceiversSpec): Record<string, object[]> {
  return {
    ...(email && {
      email_configs: [
        {
          to: email.to,
          from: email.from,
          smarthost: email.smarthost,
          send_resolved: true,
          ...(email.username !== undefined && { auth_username: email.username }),
          ...(email.passwordSecret !== undefined && { auth_password_file: secretFile(email.passwordSecret) }),
        },
      ],
    }),
    ...(webhook && { webhook_configs: [{ url_file: secretFile(webhook.urlSecret), send_resolved: true }] }),
    ...(slack && {
      slack_configs: [
        {
          api_url_file: secretFile(slack.urlSecret),
          channel: slack.channel,
          send_resolved: true,
          title: "{{ .Status | toUpper }}: {{ .CommonLabels.alertname }}",
          text: "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.description }}\n{{ end }}",
        },
      ],
    }),
    ...(pagerduty && {
      pagerduty_configs: [{ routing_key_file: secretFile(pagerduty.routingKeySecret), send_resolved: true }],
    }),
  };
}

function secretFile(name: string): string {
  return `${RECEIVER_SECRETS}/${name}`;
}
