import { harmless } from "./finding.ts";
import { judgeConfig } from "./git-config.ts";
import { diffOptions, gitGrep, gitRead, logOptions, logRow } from "./git-log.ts";
import { explicit, has, named, prints, type Row, readAll, type Table, valuesOf, writeAll } from "./row.ts";

const refWalk =
  "count= n= sort= format= shell perl python tcl color=? points-at= merged=? no-merged=? contains=? no-contains=? omit-empty ignore-case exclude= start-after= include-root-refs stdin";

/** Subcommands that only read, and those that do so in some of their forms. */
export const gitReads: Table = {
  ...named("log whatchanged show", logRow),
  ...named(
    "diff diff-tree diff-index diff-files range-diff diff-pairs",
    gitRead(
      `${diffOptions} r t root stdin no-commit-id pretty=? format= m v always no-dual-color creation-factor= left-only right-only notes=? no-notes`,
    ),
  ),
  status: gitRead(
    "s short b branch no-branch show-stash no-show-stash porcelain=? long v verbose u=? untracked-files=? ignore-submodules=? ignored=? z column=? no-column ahead-behind no-ahead-behind renames no-renames find-renames=?",
  ),
  "rev-list": gitRead(
    `${logOptions} objects-edge objects-edge-aggressive indexed-objects unpacked object-names no-object-names filter= no-filter filter-print-omitted filter-provided-objects missing= exclude-promisor-objects use-bitmap-index disk-usage=? progress= in-commit-order bisect-vars bisect-all commit-header no-commit-header maximal-only`,
  ),
  shortlog: gitRead(`${logOptions} n numbered s summary e email c committer w=? group= format=`),
  ...named(
    "show-branch cherry",
    gitRead(
      "# a all r remotes current topo-order date-order sparse no-sparse more= list independent merge-base no-name sha1-name topics g=? reflog=? color=? no-color v abbrev=?",
    ),
  ),
  "for-each-ref": gitRead(refWalk),
  refs: {
    global: "",
    ownOptions: true,
    subs: { list: gitRead(refWalk), verify: gitRead("strict verbose"), exists: gitRead("") },
  },
  ...named(
    "rev-parse ls-files ls-tree merge-base name-rev describe show-ref count-objects check-ignore check-attr check-mailmap check-ref-format verify-commit verify-tag verify-pack patch-id stripspace get-tar-commit-id show-index fmt-merge-msg column",
    gitRead("any"),
  ),
  "merge-tree": gitRead(
    "write-tree trivial-merge messages no-messages z name-only allow-unrelated-histories merge-base= X= strategy-option= stdin quiet",
  ),
  blame: gitRead(
    "# b root show-stats L= l t S= reverse=? first-parent p porcelain line-porcelain incremental encoding= contents= date= since= progress no-progress M=? C=? ignore-rev= ignore-revs-file= color-lines color-by-age c f show-name n show-number s e show-email w abbrev= diff-algorithm= minimal",
  ),
  annotate: gitRead("# L= l t w e f n s b M=? C=? S= since= ignore-rev= ignore-revs-file= porcelain"),
  // Neither --textconv nor --filters: they run what the configuration says.
  "cat-file": gitRead(
    "t s e p batch=? batch-check=? batch-command=? batch-all-objects unordered ordered buffer no-buffer follow-symlinks allow-unknown-type use-mailmap no-use-mailmap mailmap no-mailmap z Z filter= path=",
  ),
  // Not -O: it opens what it finds in a program.
  grep: gitGrep(
    "# a text i ignore-case I max-depth= r recursive no-recursive w word-regexp v invert-match h H full-name E extended-regexp G basic-regexp P perl-regexp F fixed-strings n line-number column l files-with-matches name-only L files-without-match z null o only-matching c count color=? no-color break heading p show-function A= after-context= B= before-context= C= context= W function-context m= max-count= threads= f= e= and or not all-match q quiet cached no-index index untracked no-exclude-standard exclude-standard recurse-submodules no-recurse-submodules parent-basename= no-ext-grep no-textconv",
  ),
  fsck: gitRead(
    "full no-full strict no-strict unreachable dangling no-dangling root tags cache no-cache reflogs no-reflogs connectivity-only progress no-progress v verbose name-objects references no-references",
  ),
  "hash-object": gitRead("t= stdin stdin-paths path= no-filters literally"),
  "fast-export": gitRead(
    "all signed-tags= signed-commits= tag-of-filtered-object= M C reencode= progress= no-data full-tree anonymize use-done-feature show-original-ids reference-excluded-parents fake-missing-tagger refspec= mark-tags",
  ),
  "interpret-trailers": {
    options:
      "in-place trim-empty where= if-exists= if-missing= only-trailers only-input unfold parse no-divider no-where no-if-exists no-if-missing trailer=",
    judge: (call) => [
      harmless(call.rule, "reads trailers"),
      ...(has(call.scan, "in-place") ? writeAll : readAll)(call, call.scan.operands),
    ],
  },
  "merge-file": {
    options: "p stdout q quiet L= ours theirs union diff3 zdiff3 marker-size= diff-algorithm= object-id",
    judge: (call) => [
      harmless(call.rule, "merges three files"),
      ...(has(call.scan, "p", "stdout") ? [] : writeAll(call, call.scan.operands.slice(0, 1))),
    ],
  },
  replace: listOnly("l list format="),
  rerere: {
    global: "",
    ownOptions: true,
    subs: { status: gitRead(""), diff: gitRead(""), remaining: gitRead("") },
  },
  version: prints("build-options"),
  // Not --web: it starts a browser.
  help: prints(
    "a all no-external-commands no-aliases verbose g guides c config i info m man user-interfaces developer-interfaces",
  ),
  var: prints("l"),
  config: { options: "any", plain: true, judge: judgeConfig },
};

/** Lists what it would otherwise change. */
function listOnly(options: string): Row {
  return {
    options,
    plain: true,
    judge: (call) =>
      call.scan.operands.length === 0 || has(call.scan, "l", "list")
        ? [harmless(call.rule, "only lists")]
        : [
            explicit(
              call,
              "",
              "changes what the repository's objects stand for",
              "discard",
              "repo",
              valuesOf(call.scan, "format")
                .map((word) => word.text)
                .join(" "),
            ),
          ],
  };
}
