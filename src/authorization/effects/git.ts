import type { Place } from "../context.ts";
import { literalWord, type Word } from "../parsed-command.ts";
import { pathsOf } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { isCalmSetting } from "./git-config.ts";
import { askRemote } from "./git-log.ts";
import { gitReads } from "./git-reads.ts";
import { gitRefs } from "./git-refs.ts";
import { gitStores, lfs } from "./git-stores.ts";
import { optionSpec, type Scan, scanOptions } from "./options.ts";
import {
  type Call,
  deleteAll,
  explicit,
  type Group,
  has,
  type Row,
  readAll,
  repoChange,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

const fetchOptions =
  "# all a append depth= deepen= shallow-since= unshallow f force k keep p prune P prune-tags n no-tags t tags j= jobs= q quiet v verbose progress no-progress dry-run multiple no-multiple set-upstream 4 ipv4 6 ipv6 no-recurse-submodules recurse-submodules=? auto-maintenance no-auto-maintenance auto-gc no-auto-gc no-all no-prune filter= no-filter refmap= atomic write-fetch-head no-write-fetch-head porcelain shallow-exclude= update-shallow refetch negotiation-tip= negotiate-only show-forced-updates no-show-forced-updates o= server-option= stdin write-commit-graph no-write-commit-graph prefetch";

const changes: Table = {
  add: {
    options:
      "n dry-run v verbose f force u update A all no-all ignore-removal no-ignore-removal N intent-to-add refresh ignore-errors ignore-missing i interactive p patch e edit chmod= sparse renormalize pathspec-from-file= pathspec-file-nul U= unified=",
    judge: (call) =>
      has(call.scan, "n", "dry-run")
        ? [harmless(call.rule, "only lists")]
        : [repoChange(call, "stages changes")],
  },
  commit: {
    options:
      "a all m= message= F= file= C= c= fixup= squash= amend no-edit s signoff no-signoff n no-verify allow-empty allow-empty-message q quiet v verbose dry-run author= date= trailer= u=? untracked-files=? i include o only reset-author cleanup= status no-status S=? gpg-sign=? no-gpg-sign verify e edit no-post-rewrite p patch interactive pathspec-from-file= pathspec-file-nul t= template= branch short porcelain long z ahead-behind no-ahead-behind reedit-message= reuse-message= U= unified=",
    plain: true,
    judge: (call) => [
      repoChange(call, "records a commit"),
      ...readAll(call, valuesOf(call.scan, "F", "file", "t", "template")),
    ],
  },
  merge: merging(
    "no-ff ff ff-only squash no-squash commit no-commit m= message= X= abort continue quit q quiet v verbose stat n no-stat log=? signoff no-edit allow-unrelated-histories e edit s= strategy= strategy-option= F= file= no-edit verify no-verify no-log rerere-autoupdate no-rerere-autoupdate overwrite-ignore no-overwrite-ignore into-name= progress no-progress verify-signatures no-verify-signatures autostash no-autostash S=? gpg-sign=? no-gpg-sign no-signoff cleanup= compact-summary",
    "merges",
  ),
  rebase: merging(
    "i interactive x= exec= s= strategy= strategy-option= apply whitespace= C= committer-date-is-author-date ignore-date reset-author-date ignore-whitespace empty= reschedule-failed-exec no-reschedule-failed-exec edit-todo reapply-cherry-picks no-reapply-cherry-picks no-verify verify keep-base no-rebase-merges no-update-refs S=? gpg-sign=? no-gpg-sign allow-empty-message rerere-autoupdate no-rerere-autoupdate onto= continue abort skip quit m merge autostash no-autostash keep-empty no-keep-empty X= q quiet v verbose root fork-point no-fork-point autosquash no-autosquash update-refs r=? rebase-merges=? f force-rebase no-ff stat n no-stat signoff show-current-patch",
    "rewrites the branch; git keeps the old commits",
  ),
  "cherry-pick": merging(
    "strategy= strategy-option= S=? gpg-sign=? no-gpg-sign empty= allow-empty-message cleanup= rerere-autoupdate no-rerere-autoupdate r x n no-commit m= mainline= s signoff continue abort skip quit ff allow-empty e edit X= keep-redundant-commits",
    "copies commits",
  ),
  revert: merging(
    "strategy= strategy-option= S=? gpg-sign=? no-gpg-sign reference cleanup= rerere-autoupdate no-rerere-autoupdate n no-commit m= mainline= no-edit continue abort skip quit s signoff e edit X=",
    "adds a reverting commit",
  ),
  am: {
    options:
      "3 3way no-3way k keep keep-non-patch b s signoff continue r skip abort quit q quiet resolved i interactive m message-id no-message-id u utf8 no-utf8 c scissors no-scissors keep-cr no-keep-cr patch-format= p= C= whitespace= directory= exclude= include= ignore-space-change ignore-whitespace reject S=? gpg-sign=? no-gpg-sign n no-verify committer-date-is-author-date ignore-date quoted-cr= show-current-patch=? empty= allow-empty retry resolvemsg=",
    judge: (call) => [
      repoChange(call, "applies patches"),
      ...readAll(call, call.scan.operands),
      ...writeAll(call, valuesOf(call.scan, "directory")),
    ],
  },
  apply: {
    options:
      "check stat numstat summary R reverse 3 3way index cached p= C= v verbose q quiet whitespace= N intent-to-add recount reject include= exclude= directory= allow-empty ignore-whitespace ignore-space-change apply unidiff-zero inaccurate-eof allow-overlap no-add binary z ours theirs union",
    judge: (call) => [
      has(call.scan, "check", "stat", "numstat", "summary") && !has(call.scan, "apply")
        ? harmless("git.apply-check", "only checks")
        : repoChange(call, "applies a patch"),
      ...readAll(call, call.scan.operands),
      ...writeAll(call, valuesOf(call.scan, "directory")),
    ],
  },
  init: {
    options: "q quiet b= initial-branch= bare shared=? object-format= ref-format=",
    judge: (call) => [
      repoChange(call, "makes a repository"),
      ...outsideOnly(writeAll(call, call.scan.operands)),
    ],
  },
  mv: {
    options: "k n v dry-run verbose sparse",
    judge: (call) =>
      has(call.scan, "n", "dry-run")
        ? [harmless(call.rule, "only lists")]
        : [
            repoChange(call, "renames"),
            ...deleteAll(call, call.scan.operands.slice(0, -1)),
            ...writeAll(call, call.scan.operands.slice(-1)),
          ],
  },
  rm: {
    options: "cached n dry-run q quiet ignore-unmatch r f force sparse pathspec-from-file=",
    judge: judgeRemove,
  },
  switch: {
    options:
      "c= create= d detach q quiet t track no-track guess no-guess progress no-progress orphan= recurse-submodules=? no-recurse-submodules m merge conflict= ignore-other-worktrees overwrite-ignore no-overwrite-ignore",
    plain: true,
    judge: (call) => [repoChange(call, "changes branch; refuses to lose work")],
  },
  checkout: {
    options:
      "b= q quiet t track no-track detach progress no-progress guess no-guess l orphan= m merge conflict= ignore-other-worktrees recurse-submodules=? no-recurse-submodules overlay no-overlay ours theirs 2 3",
    plain: true,
    judge: judgeCheckout,
  },
  restore: {
    options:
      "S staged W worktree s= source= q quiet progress no-progress ignore-unmerged ours theirs m merge conflict= overlay no-overlay pathspec-from-file= pathspec-file-nul",
    judge: judgeRestore,
  },
  reset: {
    options:
      "soft mixed q quiet N intent-to-add hard merge keep p patch no-refresh refresh pathspec-from-file= pathspec-file-nul",
    plain: true,
    judge: judgeReset,
  },
  bisect: { options: "any", plain: true, judge: judgeBisect },
  clean: { options: "any", plain: true, judge: judgeClean },
  fetch: { options: fetchOptions, plain: true, judge: judgeFetch },
  pull: {
    options: `${fetchOptions} r=? rebase=? no-rebase ff ff-only no-ff autostash no-autostash stat no-stat squash no-commit commit no-edit X= allow-unrelated-histories s= strategy= strategy-option= n commit edit e no-squash log=? no-log signoff no-signoff no-verify verify verify-signatures no-verify-signatures S=? gpg-sign=? no-gpg-sign cleanup= compact-summary`,
    plain: true,
    judge: (call) => [...judgeFetch(call), ...oddStrategy(call), repoChange(call, "merges what it fetched")],
  },
  clone: {
    options:
      "depth= b= branch= single-branch no-single-branch bare mirror q quiet v verbose progress n no-checkout o= origin= shallow-since= filter= no-tags j= jobs= recurse-submodules=? recursive shallow-submodules no-shallow-submodules sparse tags no-remote-submodules remote-submodules no-recurse-submodules 4 ipv4 6 ipv6 l local no-local no-hardlinks also-filter-submodules reject-shallow no-reject-shallow ref-format= revision= server-option= shallow-exclude= dissociate s shared",
    plain: true,
    judge: judgeClone,
  },
  "ls-remote": {
    options: "h heads t tags refs q quiet exit-code get-url symref sort= branches b server-option=",
    plain: true,
    judge: (call) => [askRemote(call, call.scan.operands[0])],
  },
  push: {
    options: "any",
    plain: true,
    judge: (call) => [
      // A dry run still asks the remote, and runs the hook before a push.
      isDryPush(call)
        ? askRemote(call, scanOptions(call.args, optionSpec(pushOptions), "gnu").operands[0])
        : explicit(
            call,
            call.args.some((word) =>
              /^(-f|--force.*|--mirror|--delete|-d|--prune|[+:].*)$/.test(textOf(word)),
            )
              ? "force"
              : "",
            "sends commits to others",
            "network-send",
            "remote",
            call.args.map(textOf).join(" "),
          ),
    ],
  },
  "send-email": {
    options: "any",
    plain: true,
    judge: (call) => [explicit(call, "", "sends mail", "network-send", "remote")],
  },
  archive: {
    options: "format= prefix= o= output= v verbose l list # worktree-attributes",
    judge: (call) => [
      harmless(call.rule, "packs a tree"),
      ...writeAll(call, valuesOf(call.scan, "o", "output")),
    ],
  },
  "format-patch": {
    options:
      "always attach=? inline=? thread=? no-thread in-reply-to= to= no-to cc= no-cc from=? no-from base= no-base signature= no-signature signature-file= filename-max-length= numbered no-numbered numbered-files progress q quiet notes=? no-notes rfc=? reroll-count= suffix= ignore-if-in-upstream ignore-if-in-topic interdiff= range-diff= creation-factor= cover-from-description= description-file= no-cover-letter numstat stat=? shortstat summary p no-stat full-index binary no-binary no-prefix src-prefix= dst-prefix= W function-context w ignore-all-space b histogram minimal patience no-renames D B=? a text no-attach add-header= encode-email-headers topo-order no-ext-diff # stdout o= output-directory= n N k s signoff cover-letter v= subject-prefix= start-number= root M C p U= zero-commit no-stat",
    plain: true,
    judge: (call) =>
      has(call.scan, "stdout")
        ? [harmless(call.rule)]
        : [
            finding("brief", call.rule, "writes patch files", [effect("write", "*.patch", "worktree")]),
            ...writeAll(call, valuesOf(call.scan, "o", "output-directory")),
          ],
  },
};

const global =
  "no-pager P paginate p no-optional-locks literal-pathspecs glob-pathspecs noglob-pathspecs icase-pathspecs no-replace-objects C= c= version help build-options html-path man-path info-path bare no-lazy-fetch no-advice v h attr-source= namespace= list-cmds= git-dir= work-tree=";

export const git = (): Table => ({
  git: {
    global,
    ownOptions: true,
    subs: { ...changes, ...gitReads, ...gitRefs, ...gitStores },
    bare: { options: global, plain: true, judge: (_call) => [harmless("git.help", "prints help")] },
    before: judgeGlobals,
  } satisfies Group,
  "git-lfs": lfs,
});

function judgeGlobals(scan: Scan, place: Place): { place: Place; findings: Finding[] } {
  const findings: Finding[] = [];
  for (const word of valuesOf(scan, "c")) {
    if (!isCalmSetting(word.value ?? "")) {
      findings.push(
        explicit(
          { rule: "git.config" },
          "override",
          `-c ${word.text} can make git run anything`,
          "execute-opaque",
          "repo",
        ),
      );
    }
  }
  // A bare repository by another name has settings that nobody guards: they name programs.
  for (const word of valuesOf(scan, "git-dir")) {
    if (!/(^|[/.])git\/?$/.test(word.value ?? ""))
      findings.push(
        explicit(
          { rule: "git.config" },
          "other",
          `${word.text} has settings of its own`,
          "execute-opaque",
          "repo",
        ),
      );
  }
  const folders = valuesOf(scan, "C", "git-dir", "work-tree");
  if (folders.length === 0) return { place, findings };
  const cwds = folders.reduce<string[]>(
    (from, folder) => pathsOf({ ...place, cwds: from }, folder),
    [...place.cwds],
  );
  return {
    place: { ...place, cwds, cwdKnown: place.cwdKnown && cwds.every((cwd) => !cwd.includes("\u0001")) },
    findings,
  };
}

function outsideOnly(found: Finding[]): Finding[] {
  return found.filter((one) => one.tier === "deny" || one.rule === "write.outside");
}

function judgeRemove(call: Call): Finding[] {
  if (has(call.scan, "n", "dry-run")) return [harmless(call.rule)];
  const found: Finding[] = [
    repoChange(call, "removes from the index"),
    ...(has(call.scan, "cached") ? [] : deleteAll(call, call.scan.operands)),
  ];
  // git has wildcards of its own, and lists of paths.
  const isWide =
    has(call.scan, "r", "f", "force", "pathspec-from-file") ||
    call.scan.operands.length > 1 ||
    call.scan.operands.some((word) => /^:|[*?[]/.test(textOf(word)));
  return isWide
    ? [
        ...found,
        explicit(
          call,
          "several",
          "deletes several files or unsaved work",
          "delete",
          "worktree",
          call.args.map(textOf).join(" "),
        ),
      ]
    : found;
}

const branchLike =
  /^(-|@|HEAD([~^]\d*)*|main|master|develop|dev|trunk|staging|[0-9a-f]{7,40}|v?\d+(\.\d+)*|(origin|upstream|feature|feat|fix|bugfix|hotfix|release|chore|refactor|nimrod)\/[\w/-]+(\.\d+)*)$/;

/** `git checkout NAME` throws work away when NAME is a file, so only what looks like a branch is brief. */
function judgeCheckout(call: Call): Finding[] {
  const { operands } = call.scan;
  const hasSeparator = call.args.some((word) => word.value === "--");
  if (has(call.scan, "b", "orphan") && !hasSeparator) return [repoChange(call, "makes a branch")];
  const only = operands[0];
  if (!hasSeparator && operands.length === 1 && branchLike.test(only?.value ?? ""))
    return [repoChange(call, "changes branch")];
  if (operands.length === 0) return [harmless(call.rule)];
  const paths = hasSeparator
    ? call.args.slice(call.args.findIndex((word) => word.value === "--") + 1)
    : operands;
  return [...discarded(call, paths)];
}

function judgeRestore(call: Call): Finding[] {
  const stagedOnly = has(call.scan, "S", "staged") && !has(call.scan, "W", "worktree");
  return stagedOnly ? [repoChange(call, "unstages")] : discarded(call, call.scan.operands);
}

/** Overwrites files with another version: as hard to undo as the work that was in them. */
function discarded(call: Call, paths: readonly Word[]): Finding[] {
  const reason = "overwrites uncommitted work";
  return [
    explicit(call, "discard", reason, "discard", "worktree", paths.map(textOf).join(" ")),
    ...writeAll(call, paths).filter((one) => one.tier === "deny"),
  ];
}

function judgeReset(call: Call): Finding[] {
  if (has(call.scan, "hard", "merge", "keep"))
    return [explicit(call, "hard", "discards uncommitted work", "discard", "worktree")];
  return [repoChange(call, "moves the branch or the index; files stay")];
}

function judgeBisect(call: Call): Finding[] {
  const verb = call.args[0]?.value ?? "?";
  if (["log", "terms", "help"].includes(verb) || (/^(view|visualize)$/.test(verb) && call.args.length === 1))
    return [harmless(call.rule)];
  if (verb === "run") return [repoChange(call, "searches history"), ...call.nested(call.args.slice(1))];
  if (["start", "good", "bad", "old", "new", "skip", "reset"].includes(verb))
    return [repoChange(call, "searches history")];
  return [explicit(call, "unknown", "is not known to be harmless", "unknown", "repo")];
}

function judgeClean(call: Call): Finding[] {
  const scan = scanOptions(call.args, optionSpec("n dry-run d f force q quiet x X e= exclude="), "gnu");
  const isDry =
    has(scan, "n", "dry-run") && scan.unknown === null && call.args.every((word) => word.value !== null);
  return isDry
    ? [harmless("git.clean-dry-run", "only lists")]
    : [explicit(call, "", "deletes untracked files", "delete", "worktree")];
}

function judgeFetch(call: Call): Finding[] {
  const remotes = has(call.scan, "multiple") ? call.scan.operands : call.scan.operands.slice(0, 1);
  const found =
    remotes.length === 0 ? [askRemote(call, undefined)] : remotes.map((remote) => askRemote(call, remote));
  // `fetch origin +a:b` overwrites a local branch.
  const forced =
    has(call.scan, "f", "force", "prune", "P", "prune-tags") ||
    call.scan.operands.slice(1).some((word) => word.value === null || /[+:]/.test(word.value));
  return forced ? [...found, repoChange(call, "moves local refs")] : found;
}

/** Without a folder it makes one, named for what it clones, where it runs. */
function judgeClone(call: Call): Finding[] {
  const [from, to] = call.scan.operands;
  const name = textOf(from)
    .replace(/\/+$/, "")
    .replace(/(\/?\.git|\.bundle)$/, "")
    .replace(/^.*[/:]/s, "");
  return [
    askRemote(call, from),
    ...writeAll(call, [to ?? literalWord(name || "clone")]).filter(
      (one) => to !== undefined || one.rule !== "write.docs",
    ),
  ];
}

const strategies = /^(ort|recursive|resolve|octopus|ours|subtree)$/;

/** `-s NAME` runs the program git-merge-NAME. */
function oddStrategy(call: Call): Finding[] {
  const odd = valuesOf(call.scan, "s", "strategy").find((word) => !strategies.test(word.value ?? ""));
  return odd === undefined
    ? []
    : [explicit(call, "strategy", `${odd.text} names a program that merges`, "execute-opaque", "repo")];
}

/** What moves commits, with the commands it is told to run on the way. */
function merging(options: string, reason: string): Row {
  return {
    options,
    plain: true,
    judge: (call) => [
      repoChange(call, reason),
      ...oddStrategy(call),
      ...readAll(call, valuesOf(call.scan, "F", "file")),
      ...valuesOf(call.scan, "x", "exec").flatMap((word) =>
        word.value === null
          ? [explicit(call, "exec", "runs text that is only known at run time", "execute-opaque", "repo")]
          : call.script(word.value),
      ),
    ],
  };
}

// Not --receive-pack and --exec, which name a program for the other side; what takes a value is declared so.
const pushOptions =
  "n dry-run v verbose q quiet f force force-with-lease=? force-if-includes u set-upstream o= push-option= all branches mirror tags follow-tags no-follow-tags atomic no-atomic porcelain progress no-progress no-verify verify thin no-thin d delete prune signed=? no-signed recurse-submodules= no-recurse-submodules 4 6 ipv4 ipv6";

function isDryPush(call: Call): boolean {
  const scan = scanOptions(call.args, optionSpec(pushOptions), "gnu");
  return has(scan, "n", "dry-run") && scan.unknown === null && call.args.every((word) => word.value !== null);
}
