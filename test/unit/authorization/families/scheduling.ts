import type { FamilyRows } from "../context.ts";

export const rows: FamilyRows = {
  none: [
    "crontab -l",
    "crontab -l -u op",
    "crontab -T jobs.cron",
    "atq",
    "at -l",
    "run-parts --test /etc/cron.daily",
    "run-parts --list /etc/cron.daily",
    "anacron -T",
    "cronnext",
  ],
  brief: ["sudo crontab -l -u www-data", "at -c 3", "crontab -l > jobs.cron"],
  explicit: [
    "crontab -e",
    "crontab -r",
    "crontab jobs.cron",
    "crontab -l jobs.cron",
    "crontab -",
    "crontab -u op jobs.cron",
    "at 02:00",
    "at -f job.sh now",
    "batch",
    "atrm 3",
    "run-parts /etc/cron.daily",
    "anacron -f",
    "fcrontab -e",
  ],
};
