import { stringify } from "yaml";

/**
 * alertmanager.yml: how alerts are grouped, and who gets them. Without receivers they are shown and sent nowhere.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/
 */
export function alertmanagerConfig(): string {
  return stringify({
    route: {
      receiver: "none",
      // One message for what one fault does to many.
      group_by: ["alertname", "namespace"],
      // Alertmanager's own defaults (config.go, DefaultRoute) but for the first: an outage is told of soon.
      group_wait: "10s",
      group_interval: "5m",
      repeat_interval: "4h",
    },
    // A node that is down explains what fails on it.
    inhibit_rules: [
      { source_matchers: ["alertname=NodeDown"], target_matchers: ["severity=warning"], equal: ["node"] },
    ],
    receivers: [{ name: "none" }],
  });
}
