import type { Place } from "../context.ts";
import type { Word } from "../parsed-command.ts";
import { pathsOf } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { gitReads } from "./git-reads.ts";
import type { Scan } from "./options.ts";
import {
  type Call,
  deleteAll,
  explicit,
  type Group,
  has,
  named,
  type Row,
  readAll,
  repoChange,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { hostOf } from "./urls.ts";

const calmSettings =
  /^(color\.[a-z.]+|core\.(quotepath|abbrev)|advice\.\w+|log\.(date|decorate|showsignature)|column\.\w+|diff\.(renames|context|noprefix))=/i;

function change(options: string, reason: string): Row {
  return { options, plain: true, judge: (call) => [repoChange(call, reason)] };
}

function discards(reason: string): Row {
  return {
    options: "any",
    plain: true,
    judge: (call) => [explicit(call, "", reason, "discard", "repo", call.args.map(textOf).join(" "))],
  };
}

const fetchOptions =
  "# all a append depth= deepen= shallow-since= unshallow f force k keep p prune P prune-tags n no-tags t tags j= jobs= q quiet v verbose progress no-progress dry-run multiple set-upstream 4 ipv4 6 ipv6 no-recurse-submodules recurse-submodules=? no-auto-maintenance";

const changes: Table = {
  add: {
    options:
      "n dry-run v verbose f force u update A all no-all N intent-to-add refresh ignore-errors i p patch e chmod=",
    judge: (call) =>
      has(call.scan, "n", "dry-run")
        ? [harmless(call.rule, "only lists")]
        : [repoChange(call, "stages changes")],
  },
  commit: {
    options:
      "a all m= message= F= file= C= c= fixup= squash= amend no-edit s signoff no-signoff n no-verify allow-empty allow-empty-message q quiet v verbose dry-run author= date= trailer= u=? untracked-files=? i include o only reset-author cleanup= status no-status S=? no-gpg-sign",
    plain: true,
    judge: (call) => [
      repoChange(call, "records a commit"),
      ...readAll(call, valuesOf(call.scan, "F", "file")),
    ],
  },
  merge: change(
    "no-ff ff ff-only squash no-squash commit no-commit m= message= X= abort continue quit q quiet v verbose stat n no-stat log=? signoff no-edit allow-unrelated-histories e edit",
    "merges",
  ),
  rebase: change(
    "onto= continue abort skip quit m merge autostash no-autostash keep-empty no-keep-empty X= q quiet v verbose root fork-point no-fork-point autosquash no-autosquash update-refs r=? rebase-merges=? f force-rebase no-ff stat n no-stat signoff show-current-patch",
    "rewrites the branch; git keeps the old commits",
  ),
  "cherry-pick": change(
    "x n no-commit m= mainline= s signoff continue abort skip quit ff allow-empty e edit X= keep-redundant-commits",
    "copies commits",
  ),
  revert: change(
    "n no-commit m= mainline= no-edit continue abort skip quit s signoff e edit X=",
    "adds a reverting commit",
  ),
  am: change("3 3way k keep s signoff continue skip abort quit q quiet resolved i", "applies patches"),
  apply: {
    options:
      "check stat numstat summary R reverse 3 3way index cached p= C= v verbose q quiet whitespace= N intent-to-add recount reject include= exclude= directory= allow-empty ignore-whitespace",
    judge: (call) => [
      has(call.scan, "check", "stat", "numstat", "summary")
        ? harmless("git.apply-check", "only checks")
        : repoChange(call, "applies a patch"),
      ...readAll(call, call.scan.operands),
      ...writeAll(call, valuesOf(call.scan, "directory")),
    ],
  },
  init: {
    options: "q quiet b= initial-branch= bare shared=?",
    judge: (call) => [
      repoChange(call, "makes a repository"),
      ...outsideOnly(writeAll(call, call.scan.operands)),
    ],
  },
  mv: {
    options: "k n v f dry-run verbose",
    judge: (call) => [
      repoChange(call, "renames"),
      ...deleteAll(call, call.scan.operands.slice(0, -1)),
      ...writeAll(call, call.scan.operands.slice(-1)),
    ],
  },
  rm: { options: "cached n dry-run q quiet ignore-unmatch r f force", judge: judgeRemove },
  switch: {
    options:
      "c= create= d detach q quiet t track no-track guess no-guess progress no-progress orphan= recurse-submodules",
    plain: true,
    judge: (call) => [repoChange(call, "changes branch; refuses to lose work")],
  },
  checkout: {
    options: "b= q quiet t track no-track detach progress no-progress guess l orphan=",
    plain: true,
    judge: judgeCheckout,
  },
  restore: {
    options: "S staged W worktree s= source= q quiet progress no-progress ignore-unmerged",
    judge: judgeRestore,
  },
  reset: {
    options: "soft mixed q quiet N hard merge keep p patch no-refresh refresh",
    plain: true,
    judge: judgeReset,
  },
  stash: { options: "any", plain: true, judge: judgeStash },
  bisect: { options: "any", plain: true, judge: judgeBisect },
  clean: { options: "any", plain: true, judge: judgeClean },
  fetch: { options: fetchOptions, plain: true, judge: judgeFetch },
  pull: {
    options: `${fetchOptions} r=? rebase=? no-rebase ff ff-only no-ff autostash no-autostash stat no-stat squash no-commit commit no-edit X= allow-unrelated-histories`,
    plain: true,
    judge: (call) => [...judgeFetch(call), repoChange(call, "merges what it fetched")],
  },
  clone: {
    options:
      "depth= b= branch= single-branch no-single-branch bare mirror q quiet v verbose progress n no-checkout o= origin= shallow-since= filter= no-tags j= jobs= recurse-submodules=? recursive shallow-submodules sparse",
    plain: true,
    judge: judgeClone,
  },
  "ls-remote": {
    options: "h heads t tags refs q quiet exit-code get-url symref sort= branches",
    plain: true,
    judge: (call) => [network(call, call.scan.operands[0])],
  },
  submodule: {
    options: "q quiet init recursive remote depth= j= jobs= cached files",
    plain: true,
    judge: judgeSubmodule,
  },
  push: {
    options: "any",
    plain: true,
    judge: (call) => [
      explicit(
        call,
        call.args.some((word) => /^(-f|--force.*|--mirror|--delete|-d|--prune|[+:].*)$/.test(textOf(word)))
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
      "# stdout o= output-directory= n N k s signoff cover-letter v= subject-prefix= start-number= root M C p U= zero-commit no-stat",
    plain: true,
    judge: (call) =>
      has(call.scan, "stdout")
        ? [harmless(call.rule)]
        : [
            finding("brief", call.rule, "writes patch files", [effect("write", "*.patch", "worktree")]),
            ...writeAll(call, valuesOf(call.scan, "o", "output-directory")),
          ],
  },
  ...named(
    "gc prune repack filter-branch filter-repo replace update-ref update-index read-tree checkout-index symbolic-ref pack-refs maintenance sparse-checkout lfs svn credential daemon instaweb fast-import receive-pack upload-pack shell worktree-add hook mergetool difftool citool gui gitk subtree bundle unpack-objects mktag write-tree commit-tree http-backend",
    discards("changes the repository's own data or runs what it configures"),
  ),
};

const global =
  "no-pager P paginate p no-optional-locks literal-pathspecs glob-pathspecs noglob-pathspecs icase-pathspecs no-replace-objects C= c= version help html-path man-path info-path";

export const git: Table = {
  git: {
    global,
    subs: { ...changes, ...gitReads },
    bare: { options: global, plain: true, judge: (_call) => [harmless("git.help", "prints help")] },
    before: judgeGlobals,
  } satisfies Group,
};

function judgeGlobals(scan: Scan, place: Place): { place: Place; findings: Finding[] } {
  const findings: Finding[] = [];
  for (const word of valuesOf(scan, "c")) {
    if (!calmSettings.test(word.value ?? "")) {
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
  const folders = valuesOf(scan, "C");
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
  const isWide = has(call.scan, "r", "f", "force") || call.scan.operands.length > 1;
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
  /^(-|@|HEAD([~^]\d*)*|main|master|develop|dev|trunk|staging|[0-9a-f]{7,40}|v?\d+(\.\d+)*|(origin|upstream|feature|feat|fix|bugfix|hotfix|release|chore|refactor|nimrod|test)\/[\w./-]+)$/;

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

function judgeStash(call: Call): Finding[] {
  const verb = call.args[0]?.value ?? (call.args.length === 0 ? "push" : "?");
  if (verb === "list" || verb === "show")
    return call.args.every((word) => !/^--(ext-diff|textconv|output)/.test(textOf(word)))
      ? [harmless("git.stash-list", "only reads")]
      : [explicit(call, "show", "may run a configured program", "execute-opaque", "repo")];
  if (
    [
      "push",
      "save",
      "apply",
      "pop",
      "-m",
      "-u",
      "--include-untracked",
      "-k",
      "--keep-index",
      "branch",
    ].includes(verb)
  )
    return [repoChange(call, "sets work aside or brings it back")];
  return [explicit(call, "drop", "throws stashed work away", "discard", "repo")];
}

function judgeBisect(call: Call): Finding[] {
  const verb = call.args[0]?.value ?? "?";
  if (["log", "view", "visualize", "terms", "help"].includes(verb)) return [harmless(call.rule)];
  if (verb === "run") return [repoChange(call, "searches history"), ...call.nested(call.args.slice(1))];
  if (["start", "good", "bad", "old", "new", "skip", "reset"].includes(verb))
    return [repoChange(call, "searches history")];
  return [explicit(call, "unknown", "is not known to be harmless", "unknown", "repo")];
}

function judgeClean(call: Call): Finding[] {
  const isDry =
    call.args.some((word) => /^(-[dxXq]*n[dxXqf]*|--dry-run)$/.test(textOf(word))) &&
    call.args.every((word) => word.value !== null);
  return isDry
    ? [harmless("git.clean-dry-run", "only lists")]
    : [explicit(call, "", "deletes untracked files", "delete", "worktree")];
}

function network(call: Call, remote: Word | undefined): Finding {
  const text = textOf(remote);
  const isName = remote === undefined || /^[\w.-]+$/.test(text);
  const host = isName ? `remote:${text || "origin"}` : remote === undefined ? null : hostOf(remote);
  if (host === null || remote?.value === null)
    return explicit(call, "remote", `${text} is not an address the gate can read`, "network-send", "remote");
  return {
    ...finding("brief", call.rule, "reads from a remote", [effect("network-read", host, "remote")]),
    needs: [host],
  };
}

function judgeFetch(call: Call): Finding[] {
  const remotes = has(call.scan, "multiple") ? call.scan.operands : call.scan.operands.slice(0, 1);
  const found =
    remotes.length === 0 ? [network(call, undefined)] : remotes.map((remote) => network(call, remote));
  // `fetch origin +a:b` overwrites a local branch.
  const forced =
    has(call.scan, "f", "force", "prune", "P", "prune-tags") ||
    call.scan.operands.slice(1).some((word) => word.value === null || /[+:]/.test(word.value));
  return forced ? [...found, repoChange(call, "moves local refs")] : found;
}

function judgeClone(call: Call): Finding[] {
  const [from, to] = call.scan.operands;
  return [network(call, from), ...(to === undefined ? [] : writeAll(call, [to]))];
}

function judgeSubmodule(call: Call): Finding[] {
  const verb = call.scan.operands[0]?.value ?? (call.scan.operands.length === 0 ? "status" : "?");
  if (verb === "status" || verb === "summary") return [harmless(call.rule, "only reads")];
  if (verb === "init") return [repoChange(call, "registers submodules")];
  if (verb === "update")
    return [
      {
        ...finding("brief", call.rule, "fetches submodules", [
          effect("network-read", "submodules", "remote"),
        ]),
        needs: ["remote:submodules"],
      },
    ];
  return [explicit(call, "change", "changes submodules or runs commands in them", "execute-opaque", "repo")];
}
