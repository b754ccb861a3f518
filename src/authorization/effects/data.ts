import { archives } from "./archives.ts";
import { backups } from "./backups.ts";
import { dataStores } from "./data-stores.ts";
import { databases } from "./databases.ts";
import { documents } from "./documents.ts";
import { dumpTools } from "./dumps.ts";
import { effect, finding } from "./finding.ts";
import { readsUnder } from "./host.ts";
import { keyTools } from "./key-tools.ts";
import { media } from "./media.ts";
import { openssl } from "./openssl.ts";
import { rclone } from "./rclone.ts";
import type { Table } from "./row.ts";
import { secretStores } from "./secret-stores.ts";

const logs = (): Table => ({
  logger: {
    options: "t= tag= p= priority= i id=? s stderr e",
    plain: true,
    judge: (call) => [
      finding("brief", call.rule, "writes a log line", [effect("write", "system log", "host")]),
    ],
  },
  exportfs: readsUnder("-s -v", "expose"),
});

/** What keeps, moves or turns data: archives, backups, keys, databases, media and documents. */
export const data: readonly (() => Table)[] = [
  archives,
  backups,
  () => rclone,
  () => openssl,
  keyTools,
  secretStores,
  databases,
  dumpTools,
  dataStores,
  media,
  documents,
  logs,
];
