import { effect, type Finding, finding, harmless } from "./finding.ts";
import { readsWhen } from "./query-verbs.ts";
import {
  always,
  type Call,
  explicit,
  has,
  live,
  liveRead,
  named,
  readAll,
  type Table,
  textOf,
} from "./row.ts";

/** What runs later. */
export const scheduling = (): Table => ({
  crontab: { options: "l u= T V", plain: true, judge: judgeCrontab },
  fcrontab: readsWhen("l u=", ["l"], "schedule", "changes scheduled jobs"),
  atq: live("q= V o="),
  ...named("at batch", {
    options: "l c V q= m M f= t= v",
    plain: true,
    judge: (call) => {
      if (has(call.scan, "l", "V")) return [liveRead(call.rule)];
      if (has(call.scan, "c"))
        return [
          finding("brief", call.rule, "prints a job and its environment", [
            effect("read", "environment", "host"),
          ]),
        ];
      return [
        explicit(call, "change", "runs something later", "schedule", "host", call.args.map(textOf).join(" ")),
      ];
    },
  }),
  cronnext: live(),
  anacron: readsWhen("T S= t= V", ["T", "V"], "schedule", "runs scheduled jobs"),
  "run-parts": {
    options: "test list report regex= lsbsysinit v verbose",
    plain: true,
    judge: (call) =>
      has(call.scan, "test", "list")
        ? [liveRead(call.rule)]
        : [explicit(call, "", "runs every program of a folder", "execute-opaque", "host")],
  },
  ...named(
    "atrm atd cron crond anacrontab incrontab",
    always("explicit", "schedule", "host", "changes scheduled jobs"),
  ),
});

function judgeCrontab(call: Call): Finding[] {
  const { operands } = call.scan;
  if (has(call.scan, "V")) return [harmless(call.rule)];
  if (has(call.scan, "T")) return [harmless(call.rule, "only checks"), ...readAll(call, operands)];
  // With a file it replaces the jobs, whatever else is asked.
  return has(call.scan, "l") && operands.length === 0
    ? [liveRead(call.rule)]
    : [
        explicit(
          call,
          "change",
          "changes scheduled jobs",
          "schedule",
          "host",
          call.args.map(textOf).join(" "),
        ),
      ];
}
