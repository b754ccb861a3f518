import { literalWord } from "../parsed-command.ts";
import type { Finding } from "./finding.ts";
import { byWord, install, judgeNpx, scriptCode } from "./npm.ts";
import { leadingText } from "./options.ts";
import { type Call, type Group, writeAll } from "./row.ts";
import {
  asks,
  destroys,
  dryRun,
  each,
  edits,
  guard,
  isBare,
  machine,
  opaque,
  publishes,
  query,
  runs,
  split,
  valuesGiven,
} from "./verbs.ts";

/** Bun. */

const bunFlags =
  "b bun silent smol watch hot no-clear-screen if-present i no-install v version revision h help elide-lines= filter= F= no-warnings";

export const bun: Group = {
  global: bunFlags,
  bare: query,
  subs: guard(
    {
      ...each("outdated audit info why", asks),
      ...each("install i ci add a remove rm update", install),
      ...each("link unlink", machine),
      pm: {
        global: "",
        bare: query,
        subs: {
          ...each("ls list bin hash hash-string hash-print whoami untrusted default-trusted why", query),
          cache: split(isBare, query, destroys),
          pkg: byWord("get", query, edits),
          ...each("trust migrate version", edits),
          pack: runs,
        },
      },
      run: { options: "any", judge: judgeBunRun },
      test: runs,
      build: {
        ...runs,
        judge: (call) => [...runs.judge(call), ...writeAll(call, valuesGiven(call, "outfile", "outdir"))],
      },
      init: edits,
      ...each("patch", edits),
      publish: dryRun("--dry-run", runs, publishes),
      ...each("x", { options: "any", wraps: true, judge: judgeNpx }),
      ...each("create c repl exec getcompletes feedback", opaque),
      upgrade: machine,
      "*": {
        options: "any",
        judge: (call) =>
          judgeBunRun({ ...call, args: [literalWord(call.rule.replace(/^bun\./, "")), ...call.args] }),
      },
    },
    "e eval p print r preload require import define config c cwd registry g global inspect inspect-brk inspect-wait env-file shell",
  ),
};

/** `bun run X` is a script of package.json, or a file. */
function judgeBunRun(call: Call): Finding[] {
  const index = call.args.findIndex((word) => !leadingText(word).startsWith("-"));
  const first = call.args[index];
  if (first === undefined) return query.judge(call);
  if (first.value === null || first.value === "-") return opaque.judge(call);
  if (/[/.]/.test(first.value)) return call.file(first, call.args.slice(index + 1));
  return [scriptCode(call, first.value)];
}
