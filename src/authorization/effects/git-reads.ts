import { effect, type Finding, finding, harmless } from "./finding.ts";
import {
  type Call,
  explicit,
  has,
  named,
  prints,
  type Row,
  repoChange,
  type Table,
  textOf,
  valuesOf,
} from "./row.ts";

// Neither --output, --ext-diff nor --textconv: the first writes, the others run what the configuration says.
const diffOptions =
  "# p u patch s no-patch U= unified= raw patch-with-raw stat=? compact-summary numstat shortstat dirstat=? X=? cumulative summary name-only name-status submodule=? color=? no-color color-moved=? word-diff=? word-diff-regex= color-words=? no-renames rename-empty check ws-error-highlight= full-index binary abbrev=? B=? M=? C=? D find-renames=? find-copies=? find-copies-harder irreversible-delete l= diff-filter= S= G= pickaxe-all pickaxe-regex O= R relative=? a text ignore-cr-at-eol ignore-space-at-eol b ignore-space-change w ignore-all-space ignore-blank-lines I= ignore-matching-lines= inter-hunk-context= W function-context exit-code quiet q no-ext-diff no-textconv ignore-submodules=? src-prefix= dst-prefix= no-prefix default-prefix minimal patience histogram diff-algorithm= anchored= z cached staged merge-base no-index base ours theirs 0 1 2 3 c cc combined-all-paths";
const logOptions = `${diffOptions} follow no-decorate decorate=? decorate-refs= source mailmap use-mailmap full-diff log-size L= n= max-count= skip= since= after= until= before= author= committer= grep= all-match invert-grep i regexp-ignore-case E extended-regexp F fixed-strings P perl-regexp merges no-merges first-parent min-parents= max-parents= all branches=? tags=? remotes=? glob= exclude= reflog ignore-missing cherry cherry-mark cherry-pick left-only right-only left-right g walk-reflogs merge boundary simplify-by-decoration simplify-merges show-pulls full-history dense sparse ancestry-path=? date-order author-date-order topo-order reverse no-walk=? pretty=? format= oneline abbrev-commit no-abbrev-commit encoding= expand-tabs=? notes=? no-notes show-signature relative-date date= parents children graph no-graph show-linear-break=? count t m root stdin end-of-options clear-decorations`;

function gitRead(options: string): Row {
  return { options, judge: (call) => [harmless(call.rule, "only reads the repository")] };
}

/** Subcommands that only read, and those that do so in some of their forms. */
export const gitReads: Table = {
  ...named("log whatchanged show", gitRead(logOptions)),
  ...named(
    "diff diff-tree diff-index diff-files range-diff",
    gitRead(`${diffOptions} r t root stdin no-commit-id pretty=? format= m no-dual-color creation-factor=`),
  ),
  status: gitRead(
    "s short b branch show-stash porcelain=? long v verbose u=? untracked-files=? ignore-submodules=? ignored=? z column=? no-column ahead-behind no-ahead-behind renames no-renames find-renames=?",
  ),
  ...named(
    "rev-parse ls-files ls-tree merge-base name-rev describe for-each-ref show-ref rev-list count-objects check-ignore check-attr check-mailmap check-ref-format cherry show-branch shortlog verify-commit verify-tag verify-pack patch-id stripspace get-tar-commit-id diff-pairs",
    gitRead("any"),
  ),
  blame: gitRead(
    "# b root show-stats L= l t S= reverse= p porcelain line-porcelain incremental encoding= contents= date= progress no-progress M=? C=? ignore-rev= ignore-revs-file= color-lines color-by-age c f show-name n show-number s e show-email w abbrev=",
  ),
  annotate: gitRead("L= l t"),
  "cat-file": gitRead("t s e p batch=? batch-check=? batch-all-objects unordered buffer allow-unknown-type"),
  grep: gitRead(
    "# a text i ignore-case I max-depth= r recursive no-recursive w word-regexp v invert-match h H full-name E extended-regexp G basic-regexp P perl-regexp F fixed-strings n line-number column l files-with-matches name-only L files-without-match z null o only-matching c count color=? no-color break heading p show-function A= B= C= W function-context m= max-count= threads= f= e= and or not all-match q quiet cached no-index untracked no-exclude-standard exclude-standard recurse-submodules",
  ),
  fsck: gitRead(
    "full strict unreachable dangling no-dangling root tags cache no-reflogs connectivity-only progress no-progress verbose name-objects",
  ),
  "hash-object": gitRead("t= stdin path= no-filters"),
  ...named("version help var", prints()),
  config: { options: "any", plain: true, judge: judgeConfig },
  branch: { options: "any", plain: true, judge: judgeBranch },
  tag: { options: "any", plain: true, judge: judgeTag },
  remote: { options: "v verbose n push all", plain: true, judge: judgeRemote },
  worktree: { options: "any", plain: true, judge: (call) => byVerb(call, ["list"], []) },
  reflog: {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args.length === 0 ||
      !["expire", "delete", "drop", "write"].includes(call.args[0]?.value ?? "expire")
        ? [harmless(call.rule, "only reads")]
        : byVerb(call, [], []),
  },
  notes: {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args.length === 0 ? [harmless(call.rule)] : byVerb(call, ["list", "show"], ["add", "append"]),
  },
};

function byVerb(call: Call, reads: readonly string[], writes: readonly string[]): Finding[] {
  const verb = call.args[0]?.value ?? "";
  if (reads.includes(verb)) return [harmless(call.rule, "only reads")];
  if (writes.includes(verb)) return [repoChange(call, "adds to the repository")];
  return [
    explicit(
      call,
      "change",
      "changes or discards repository data",
      "discard",
      "repo",
      call.args.map(textOf).join(" "),
    ),
  ];
}

/** Settings can name programs, so that setting any is explicit. */
function judgeConfig(call: Call): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const plain = words.filter(
    (word) =>
      !/^--(global|local|system|worktree|show-origin|show-scope|null|name-only|includes|no-includes|type=\w+|bool|int|path|default=.*)$|^-z$/.test(
        word,
      ),
  );
  const first = plain[0] ?? "";
  const isGet = /^(--get(-all|-regexp|-urlmatch|-color|-colorbool)?|--list|-l|get|list)$/.test(first);
  if (call.args.some((word) => word.splits))
    return [explicit(call, "computed", "may set anything", "execute-opaque", "repo")];
  if (isGet || (plain.length === 1 && /^[\w-]+(\..+)?\.[\w-]+$/.test(first)))
    return [harmless("git.config-get", "only reads")];
  return [
    explicit(
      call,
      "set",
      "a setting can name a program that git runs",
      "execute-opaque",
      "repo",
      plain.join(" "),
    ),
  ];
}

const listing =
  /^(-[avrlqi]+|-vv|--(list|all|remotes|verbose|contains|no-contains|merged|no-merged|points-at|sort|format|color|no-color|column|no-column|abbrev|no-abbrev|ignore-case|show-current|omit-empty)(=.*)?|-n\d*)$/;

function judgeBranch(call: Call): Finding[] {
  const flags = call.args.filter((word) => textOf(word).startsWith("-"));
  const asks = flags.some((word) =>
    /^(--(list|contains|no-contains|merged|no-merged|points-at|show-current|all|remotes)(=.*)?|-[arlv]+)$/.test(
      textOf(word),
    ),
  );
  if (
    flags.every((word) => listing.test(textOf(word))) &&
    (asks || call.args.length === flags.length) &&
    !call.args.some((word) => word.splits)
  ) {
    return [harmless("git.branch-list", "only reads")];
  }
  const isCalm = flags.every((word) =>
    /^(-t|--track(=\w+)?|--no-track|-u|--set-upstream-to=.*|-q|--quiet|-m|--move|-c|--copy|--unset-upstream)$/.test(
      textOf(word),
    ),
  );
  const isOpen = call.args.some((word) => word.splits || word.value === null);
  if (isCalm && !isOpen) return [repoChange(call, "makes or renames a branch")];
  return [
    explicit(
      call,
      "delete",
      "may delete or move a branch",
      "discard",
      "repo",
      call.args.map(textOf).join(" "),
    ),
  ];
}

function judgeTag(call: Call): Finding[] {
  const words = call.args.map((word) => (word.splits ? "--?" : (word.value ?? "x")));
  const flags = words.filter((word) => word.startsWith("-"));
  const asks = flags.some((word) =>
    /^(-l|--list|-n\d*|-v|--verify|--(contains|no-contains|merged|no-merged|points-at)(=.*)?)$/.test(word),
  );
  if (words.length === 0 || (asks && flags.every((word) => listing.test(word) || word === "--verify")))
    return [harmless("git.tag-list", "only reads")];
  if (flags.every((word) => /^(-a|--annotate|-m.*|--message(=.*)?|-s|--sign|--no-sign|-F.*)$/.test(word)))
    return [repoChange(call, "makes a tag")];
  return [explicit(call, "delete", "may delete or move a tag", "discard", "repo", words.join(" "))];
}

function judgeRemote(call: Call): Finding[] {
  const [verb] = call.scan.operands;
  if (verb === undefined || verb.value === "get-url") return [harmless("git.remote-list", "only reads")];
  if (verb.value === "show") {
    if (has(call.scan, "n") || call.scan.operands.length === 1) return [harmless(call.rule)];
    const needs = [`remote:${textOf(call.scan.operands[1])}`];
    return [
      {
        ...finding("brief", call.rule, "asks a remote", [effect("network-read", needs[0] ?? "", "remote")]),
        needs,
      },
    ];
  }
  return [
    explicit(
      call,
      "change",
      "changes where this repository sends and fetches",
      "discard",
      "repo",
      valuesOf(call.scan, "v").map(textOf).join(" "),
    ),
  ];
}
