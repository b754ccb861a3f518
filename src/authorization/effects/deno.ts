import { literalWord } from "../parsed-command.ts";
import type { Finding } from "./finding.ts";
import { install, scriptCode } from "./npm.ts";
import { leadingText } from "./options.ts";
import { outsideWords } from "./outside-words.ts";
import { type Call, type Group, type Row, textOf, writeAll } from "./row.ts";
import {
  asks,
  destroys,
  dryRun,
  each,
  edits,
  guard,
  guardRow,
  hasFlag,
  installs,
  listens,
  machine,
  opaque,
  publishes,
  query,
  runs,
  split,
  valuesGiven,
} from "./verbs.ts";

/** Deno. */

const denoCalm = "q quiet L= log-level= v version V h help unstable";

export const deno: Group = {
  global: denoCalm,
  bare: opaque,
  subs: guard(
    {
      ...each("info types completions help", query),
      doc: split((call) => hasFlag(call, "--html", "--output"), edits, query),
      outdated: split((call) => hasFlag(call, "-u", "--update"), installs, asks),
      audit: asks,
      task: guardRow({ options: "any", judge: (call) => [scriptCode(call, textOf(call.scan.operands[0]))] }, [
        "eval",
      ]),
      fmt: split((call) => hasFlag(call, "--check"), query, edits),
      ...each("test bench check lint coverage ci", ofHere(runs)),
      ...each("add install i cache remove rm uninstall update vendor approve-scripts", install),
      ...each("compile bundle", {
        ...runs,
        judge: (call) => [
          ...judgeDenoRun(call),
          ...writeAll(call, valuesGiven(call, "o", "output", "outdir")),
        ],
      }),
      run: { options: "any", judge: judgeDenoRun },
      init: edits,
      publish: dryRun("--dry-run", runs, publishes),
      ...each("deploy sandbox", publishes),
      serve: listens,
      upgrade: machine,
      clean: destroys,
      ...each("eval repl jupyter x create", opaque),
      "*": {
        options: "any",
        judge: (call) =>
          judgeDenoRun({ ...call, args: [literalWord(call.rule.replace(/^deno\./, "")), ...call.args] }),
      },
    },
    "g global root preload import require inspect inspect-brk inspect-wait v8-flags cert location env-file unsafely-ignore-certificate-errors",
  ),
};

/** Modules are loaded from addresses as from files. */
function ofHere(row: Row): Row {
  return {
    ...row,
    judge: (call) =>
      call.args.some((word) => /^(--[\w-]+=)?(https?|npm|jsr|data):/.test(leadingText(word)))
        ? opaque.judge(call)
        : row.judge(call),
  };
}

function judgeDenoRun(call: Call): Finding[] {
  return ofHere({ options: "any", judge: judgeDenoFile }).judge(call).concat(outsideOptions(call));
}

/** Options that name a file outside the worktree: settings, a lock that is written. */
function outsideOptions(call: Call): Finding[] {
  const end = call.args.findIndex((word) => !leadingText(word).startsWith("-"));
  const own = { ...call, args: call.args.slice(0, end === -1 ? undefined : end + 1) };
  return outsideWords(own, runs.judge(call));
}

function judgeDenoFile(call: Call): Finding[] {
  const takesValue =
    /^(-c|--config|--import-map|--lock|--ext|-o|--output|--target|--icon|--include|--node-modules-dir)$/;
  const index = call.args.findIndex(
    (word, at) => !leadingText(word).startsWith("-") && !takesValue.test(textOf(call.args[at - 1])),
  );
  const file = call.args[index];
  if (file === undefined || file.value === null || /^[a-z]+:/i.test(file.value)) return opaque.judge(call);
  return /[/.]/.test(file.value)
    ? call.file(file, call.args.slice(index + 1))
    : [scriptCode(call, file.value)];
}
