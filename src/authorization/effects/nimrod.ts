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

/** Options with which these only look. Others repair, join, probe or run checks; `-C` leaves the worktree. */
const showing = new Set(
  "-s --status -l --label -p --priority -a --assignee -t --type --limit --all --evidence --transcript --pass -f --follow --jsonl --json --no-input --no-color --no-pager -h --help -V --version".split(
    " ",
  ),
);

/** Nimrod from inside a pass: it may be asked for things, never told what to allow. */
export const nimrod = (): Table => ({
  nimrod: {
    options: "any",
    plain: true,
    judge: (call) => {
      const words = call.args.map((word) => word.value ?? "?");
      const verb = words[0] ?? "help";
      const isPolicy = verb === "policy" && /^(check|test|show)$/.test(words[1] ?? "");
      const end = words.indexOf("--");
      const options = (end === -1 ? words : words.slice(0, end))
        .filter((word) => word.startsWith("-"))
        .map((word) => (word.startsWith("--") ? word.replace(/=.*$/s, "") : word.slice(0, 2)));
      const isLooking =
        (looking.has(verb) || isPolicy) && !words.includes("?") && options.every((name) => showing.has(name));
      if (isLooking) return [harmless(`nimrod.${verb}`, "only shows")];
      return [
        finding("deny", "nimrod.act", "an agent never operates Nimrod", [
          effect("write", textOf(call.args[0]), "nimrod"),
        ]),
      ];
    },
  },
});
