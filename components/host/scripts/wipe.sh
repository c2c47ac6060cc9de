#!/usr/bin/env bash
set -euo pipefail

# wipe_common: removes what every role left; the last part of every wipe.
wipe_common() {
  host_metrics_off
  host_firewall_off
  systemctl daemon-reload
  rm -rf "$STATE_DIR" "$CACHE" "$LOG_DIR" "$KUBECACHEDIR"
  rm -f "$0"
}
