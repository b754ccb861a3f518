import { prints } from "./provisioning-actions.ts";
import { has, liveRead, readAll, valuesOf, writeAll } from "./row.ts";
import { changes, checks, query, subcommands, switches } from "./subcommands.ts";

/** How a machine set itself up. */

export const cloudInit = subcommands(
  {
    status: query("l long w wait format="),
    "features|--version": query(""),
    schema: checks("c= config-file= docs= annotate system t= schema-type="),
    "analyze show|dump|blame|boot": {
      options: switches("i= infile= f= print-format= o= outfile="),
      judge: (call) => [
        liveRead(call.rule),
        ...readAll(call, valuesOf(call.scan, "i", "infile")),
        ...writeAll(call, valuesOf(call.scan, "o", "outfile")),
      ],
    },
    query: {
      options: switches("a all l list-keys f= format= p= instance-data= d debug"),
      plain: true,
      judge: (call) =>
        has(call.scan, "a", "all") ||
        [...call.scan.operands, ...valuesOf(call.scan, "f", "format")].some((word) =>
          /user-?_?data|vendor-?_?data|secret|pass|merged_cfg/i.test(word.value ?? "userdata"),
        )
          ? prints.judge(call)
          : [liveRead(call.rule)],
    },
    id: query(""),
  },
  changes("service", "host", "runs or resets the set-up of the machine"),
  "d debug v version h help force",
);
