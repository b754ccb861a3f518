import type { Alternative } from "./alternative.ts";

export const dataAlternatives: readonly Alternative[] = [
  {
    rules: "restic.restore",
    after: "restic restore latest --target /",
    safer: "restic ls latest",
    why: "names what the snapshot holds",
  },
  {
    rules: "borg.extract",
    after: "borg extract repo::monday",
    safer: "borg list REPO::ARCHIVE",
    why: "names what the archive holds",
  },
  {
    rules: "rclone.sync rclone.move rclone.copy",
    after: "rclone sync src remote:dst",
    safer: "rclone check src remote:dst",
    why: "names what differs",
  },
  {
    rules: "rclone.purge rclone.delete",
    after: "rclone purge remote:dst",
    safer: "rclone size remote:dst",
    why: "says how much would be deleted",
  },
  {
    rules: "zfs.destroy zfs.rollback",
    after: "zfs destroy tank/data",
    safer: "zfs list -t all -r DATASET",
    why: "names the snapshots that would go with it",
  },
  {
    rules: "zpool.destroy zpool.remove zpool.offline",
    after: "zpool destroy tank",
    safer: "zpool status POOL",
    why: "says what the pool is made of",
  },
  {
    rules: "psql",
    after: "psql -c 'DELETE FROM visits'",
    safer: "pg_dump -f before.sql",
    why: "a way back first",
  },
  {
    rules: "dropdb",
    after: "dropdb app",
    safer: "pg_dump -f before.sql NAME",
    why: "a way back first",
  },
  {
    rules: "pg_restore",
    after: "pg_restore -d app app.dump",
    safer: "pg_restore --list FILE",
    why: "names what the dump holds",
  },
];
