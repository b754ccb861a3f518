import { effect, finding, harmless } from "./finding.ts";
import { type Table, textOf } from "./row.ts";

const looking = new Set([
  "list",
  "ls",
  "ready",
  "blocked",
  "show",
  "search",
  "log",
  "diff",
  "status",
  "approvals",
  "verify",
  "authorize",
  "doctor",
  "help",
  "completion",
  "graph",
  "--version",
  "--help",
]);

/** Nimrod from inside a pass: it may be asked for things, never told what to allow. */
export const nimrod = (): Table => ({
  nimrod: {
    options: "any",
    plain: true,
    judge: (call) => {
      const words = call.args.map((word) => word.value ?? "?");
      const verb = words[0] ?? "help";
      const isPolicy = verb === "policy" && /^(check|test|show)$/.test(words[1] ?? "");
      const isLooking =
        (looking.has(verb) || isPolicy) &&
        !words.some((word) => /^(--fix|--apply|--rerun|\?|-C)$/.test(word));
      if (isLooking) return [harmless(`nimrod.${verb}`, "only shows")];
      return [
        finding("deny", "nimrod.act", "an agent never operates Nimrod", [
          effect("write", textOf(call.args[0]), "nimrod"),
        ]),
      ];
    },
  },
});
