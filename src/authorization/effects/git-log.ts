import type { Word } from "../parsed-command.ts";
import { judgeReadTree } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { type Call, explicit, has, type Row, readAll, textOf, valuesOf, writeAll } from "./row.ts";
import { hostOf } from "./urls.ts";

/** What all of git's walks over history and its comparisons share. */

// Neither --ext-diff nor --textconv: they run what the configuration says. --output is declared, and judged as a write.
export const diffOptions =
  "# p u patch s no-patch U= unified= raw patch-with-raw patch-with-stat stat=? stat-width= stat-name-width= stat-count= stat-graph-width= compact-summary no-compact-summary numstat shortstat dirstat=? dirstat-by-file=? X=? cumulative summary name-only name-status submodule=? color=? no-color color-moved=? no-color-moved color-moved-ws= no-color-moved-ws word-diff=? word-diff-regex= color-words=? no-renames renames rename-empty no-rename-empty check ws-error-highlight= full-index no-full-index binary abbrev=? no-abbrev B=? M=? C=? D find-renames=? find-copies=? break-rewrites=? find-copies-harder irreversible-delete l= diff-filter= S= G= find-object= pickaxe-all pickaxe-regex O= skip-to= rotate-to= R relative=? no-relative a text ignore-cr-at-eol ignore-space-at-eol b ignore-space-change w ignore-all-space ignore-blank-lines I= ignore-matching-lines= inter-hunk-context= W function-context no-function-context exit-code quiet q no-ext-diff no-textconv ignore-submodules=? src-prefix= dst-prefix= no-prefix default-prefix line-prefix= ita-invisible-in-index ita-visible-in-index minimal patience histogram diff-algorithm= anchored= indent-heuristic no-indent-heuristic z cached staged merge-base no-index base ours theirs 0 1 2 3 c cc combined-all-paths diff-merges= no-diff-merges dd remerge-diff output-indicator-new= output-indicator-old= output-indicator-context= output= max-depth=";
export const logOptions = `${diffOptions} follow no-follow no-decorate decorate=? decorate-refs= decorate-refs-exclude= no-decorate-refs source mailmap use-mailmap no-mailmap no-use-mailmap full-diff log-size L= n= max-count= skip= since= since-as-filter= after= until= before= max-age= min-age= author= committer= grep= grep-reflog= all-match invert-grep i regexp-ignore-case basic-regexp E extended-regexp F fixed-strings P perl-regexp remove-empty merges no-merges first-parent exclude-first-parent-only min-parents= max-parents= no-min-parents no-max-parents all branches=? tags=? remotes=? glob= exclude= exclude-hidden= reflog alternate-refs single-worktree ignore-missing bisect cherry cherry-mark cherry-pick left-only right-only left-right g walk-reflogs merge boundary simplify-by-decoration simplify-merges show-pulls full-history dense sparse ancestry-path=? date-order author-date-order topo-order reverse no-walk=? do-walk not pretty=? format= oneline abbrev-commit no-abbrev-commit encoding= expand-tabs=? no-expand-tabs notes=? no-notes show-notes=? standard-notes no-standard-notes show-signature no-show-signature relative-date date= parents children graph no-graph show-linear-break=? count timestamp unpacked objects header t r m root no-commit-id always v stdin end-of-options clear-decorations`;

/** Reads the repository; a file that `--output` names is written. */
function look(call: Call): Finding[] {
  return [
    harmless(call.rule, "only reads the repository"),
    ...writeAll(call, valuesOf(call.scan, "output")),
    ...readAll(call, valuesOf(call.scan, "O", "contents", "ignore-revs-file")),
  ];
}

export function gitRead(options: string): Row {
  return { options, judge: look };
}

/** Without the index it walks folders, wherever they are. */
export function gitGrep(options: string): Row {
  return {
    options,
    judge: (call) => [
      ...look(call),
      ...(has(call.scan, "no-index", "no-exclude-standard", "untracked")
        ? call.scan.operands.flatMap((word) => judgeReadTree(call.place, word))
        : []),
      ...readAll(call, valuesOf(call.scan, "f")),
    ],
  };
}

export const logRow = gitRead(logOptions);

/** Asks a remote: an address the gate can read, or the name of one. `ext::` and its like run a program. */
export function askRemote(call: Call, remote: Word | undefined): Finding {
  const text = textOf(remote);
  const isName = remote === undefined || /^[\w.-]+$/.test(text);
  const isFolder = /^(\/|\.{1,2}\/)[\w./-]*$/.test(remote?.value ?? "");
  if (isFolder)
    return finding("brief", call.rule, "reads from another repository of this machine", [
      effect("read", text, "host"),
    ]);
  const host = isName ? `remote:${text || "origin"}` : remote === undefined ? null : hostOf(remote);
  if (host === null || remote?.value === null)
    return explicit(call, "remote", `${text} is not an address the gate can read`, "network-send", "remote");
  return {
    ...finding("brief", call.rule, "reads from a remote", [effect("network-read", host, "remote")]),
    needs: [host],
  };
}
