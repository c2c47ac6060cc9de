import type { Dashboard } from "./dashboards";

/** What Velero tells of the backups. */
export const BACKUPS: Dashboard = {
  uid: "backups",
  title: "Backups",
  panels: [
    {
      title: "Age of the last good backup",
      unit: "s",
      query: "time() - max by (schedule) (velero_backup_last_successful_timestamp)",
      legend: "{{schedule}}",
    },
    {
      title: "Backups that are kept",
      unit: "short",
      query: "max(velero_backup_total)",
      legend: "Backups",
    },
    {
      title: "Backups that failed, wholly or in part, in a day",
      unit: "short",
      query:
        "sum by (schedule) (increase(velero_backup_failure_total[1d]) + increase(velero_backup_partial_failure_total[1d]) + increase(velero_backup_validation_failure_total[1d]))",
      legend: "{{schedule}}",
    },
    {
      title: "Objects in the last backup",
      unit: "short",
      query: "max by (schedule) (velero_backup_items_total)",
      legend: "{{schedule}}",
    },
    {
      title: "Size of the last backup's objects",
      unit: "bytes",
      query: "max by (schedule) (velero_backup_tarball_size_bytes)",
      legend: "{{schedule}}",
    },
    {
      title: "The store answers",
      unit: "bool",
      query: "max by (backup_location_name) (velero_backup_location_status_gauge)",
      legend: "{{backup_location_name}}",
    },
  ],
};
