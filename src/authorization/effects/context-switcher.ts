import { explicit, liveRead, type Row } from "./row.ts";
import { switches } from "./subcommands.ts";

/** Names of contexts are listed; a named one is switched to. */
export const switcher: Row = {
  options: switches("c current h help V version"),
  plain: true,
  judge: (call) =>
    call.scan.operands.length === 0
      ? [liveRead(call.rule)]
      : [explicit(call, "switch", "chooses what later commands change", "cluster", "home")],
};
