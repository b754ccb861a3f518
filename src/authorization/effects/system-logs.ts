import { effect, finding } from "./finding.ts";
import { readsUnder } from "./host.ts";
import type { Table } from "./row.ts";

/** What writes to the system's log, and what is shown to other machines. */
export const systemLogs = (): Table => ({
  logger: {
    options: "t= tag= p= priority= i id=? s stderr e",
    plain: true,
    judge: (call) => [
      finding("brief", call.rule, "writes a log line", [effect("write", "system log", "host")]),
    ],
  },
  exportfs: readsUnder("-s -v", "expose"),
});
