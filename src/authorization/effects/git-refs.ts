import type { Word } from "../parsed-command.ts";
import { effect, type Finding, harmless } from "./finding.ts";
import { askRemote, logOptions, logRow } from "./git-log.ts";
import { optionSpec, scanOptions } from "./options.ts";
import {
  type Call,
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
import { hostOf } from "./urls.ts";

/** What names commits and moves the names: branches, tags, remotes, notes, the stash, other worktrees. */
export const gitRefs: Table = {
  branch: { options: "any", plain: true, judge: judgeBranch },
  tag: { options: "any", plain: true, judge: judgeTag },
  remote: { options: "v verbose", plain: true, judge: judgeRemote, style: "first" },
  worktree: {
    global: "",
    ownOptions: true,
    subs: {
      list: read("v verbose porcelain z"),
      add: {
        options:
          "b= d detach checkout no-checkout lock reason= orphan guess-remote no-guess-remote track no-track q quiet relative-paths",
        judge: (call) => [
          repoChange(call, "makes a second worktree"),
          ...writeAll(call, call.scan.operands.slice(0, 1)),
        ],
      },
      lock: change("reason="),
      unlock: change(""),
      prune: read("n dry-run v verbose expire=", ["n", "dry-run"]),
      "*": discards("moves or deletes a worktree"),
    },
  } satisfies Group,
  reflog: {
    global: logOptions,
    ownOptions: true,
    bare: logRow,
    subs: {
      show: logRow,
      list: read(""),
      exists: read(""),
      expire: read(
        "n dry-run all verbose expire= expire-unreachable= updateref rewrite stale-fix single-worktree",
        ["n", "dry-run"],
      ),
      delete: read("n dry-run verbose updateref rewrite", ["n", "dry-run"]),
      drop: discards("ends the record of where branches were"),
      write: discards("writes into the record of where branches were"),
      "*": logRow,
    },
  } satisfies Group,
  notes: {
    global: "ref=",
    subs: {
      list: read(""),
      show: logRow,
      "get-ref": read(""),
      add: change(
        "m= message= F= file= C= c= allow-empty separator=? no-separator stripspace no-stripspace e edit",
      ),
      append: change(
        "m= message= F= file= C= c= allow-empty separator=? no-separator stripspace no-stripspace e edit",
      ),
      edit: change("allow-empty"),
      copy: change(""),
      merge: change("v verbose q quiet s= strategy= commit abort"),
      prune: read("n dry-run v verbose", ["n", "dry-run"]),
      "*": discards("deletes notes"),
    },
    bare: read(""),
  } satisfies Group,
  stash: {
    global:
      "m= message= u include-untracked k keep-index no-keep-index a all S staged q quiet p patch no-include-untracked",
    ownOptions: true,
    bare: change("m= message= u include-untracked k keep-index no-keep-index a all S staged q quiet"),
    subs: {
      list: logRow,
      show: { ...logRow, options: `${logOptions} include-untracked only-untracked no-include-untracked u` },
      push: change(
        "m= message= u include-untracked no-include-untracked k keep-index no-keep-index a all S staged q quiet pathspec-from-file= pathspec-file-nul",
      ),
      save: change("u include-untracked k keep-index no-keep-index a all S staged q quiet"),
      apply: change("index q quiet"),
      pop: change("index q quiet"),
      branch: change(""),
      create: change(""),
      store: change("m= message= q quiet"),
      "*": discards("throws stashed work away"),
    },
  } satisfies Group,
  "symbolic-ref": {
    options: "q quiet short recurse no-recurse",
    plain: true,
    judge: (call) =>
      call.scan.operands.length === 1
        ? [harmless(call.rule, "only reads")]
        : [explicit(call, "change", "moves a name of the repository", "discard", "repo")],
  },
};

/** Options that only choose what is listed; with `dry` given, only if one of these is there. */
function read(options: string, dry?: readonly string[]): Row {
  return {
    options,
    judge: (call) =>
      dry === undefined || has(call.scan, ...dry)
        ? [harmless(call.rule, "only reads")]
        : [explicit(call, "", "discards what the repository keeps", "discard", "repo")],
  };
}

function change(options: string): Row {
  return {
    options,
    judge: (call) => [
      repoChange(call, "adds to the repository, or sets work aside"),
      ...readAll(call, valuesOf(call.scan, "F", "file")),
    ],
  };
}

function discards(reason: string): Row {
  return {
    options: "any",
    plain: true,
    judge: (call) => [explicit(call, "", reason, "discard", "repo", call.args.map(textOf).join(" "))],
  };
}

// Not -d, -D, -f, -M, -C: they delete or move what another branch name stands for.
const branchOptions =
  "a all r remotes l list v verbose q quiet i ignore-case show-current contains=? no-contains=? merged=? no-merged=? points-at= sort= format= color=? no-color column=? no-column abbrev=? no-abbrev omit-empty t track=? no-track u= set-upstream-to= unset-upstream m move c copy create-reflog edit-description recurse-submodules";

function judgeBranch(call: Call): Finding[] {
  const scan = scanOptions(call.args, optionSpec(branchOptions), "gnu");
  const isOpen = call.args.some((word) => word.splits || word.value === null);
  const changes = has(
    scan,
    "t",
    "track",
    "no-track",
    "u",
    "set-upstream-to",
    "unset-upstream",
    "m",
    "move",
    "c",
    "copy",
    "edit-description",
  );
  const asks = has(
    scan,
    "l",
    "list",
    "a",
    "all",
    "r",
    "remotes",

    "contains",
    "no-contains",
    "merged",
    "no-merged",
    "points-at",
    "show-current",
  );
  const splits = call.args.some((word) => word.splits);
  if (scan.unknown === null && !changes && !splits && (asks || scan.operands.length === 0))
    return [harmless("git.branch-list", "only reads")];
  if (scan.unknown === null && !isOpen) return [repoChange(call, "makes or renames a branch")];
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

const tagOptions =
  "a annotate s sign no-sign m= message= F= file= e edit n=? l list v verify contains=? no-contains=? merged=? no-merged=? points-at=? sort= format= color=? column=? no-column i ignore-case omit-empty cleanup= create-reflog trailer= u= local-user=";

function judgeTag(call: Call): Finding[] {
  const scan = scanOptions(call.args, optionSpec(tagOptions), "gnu");
  const isOpen = call.args.some((word) => word.splits);
  if (scan.unknown !== null || isOpen)
    return [
      explicit(
        call,
        "delete",
        "may delete or move a tag",
        "discard",
        "repo",
        call.args.map(textOf).join(" "),
      ),
    ];
  const lists = has(
    scan,
    "n",
    "l",
    "list",
    "v",
    "verify",
    "contains",
    "no-contains",
    "merged",
    "no-merged",
    "points-at",
  );
  const looks = has(scan, "sort", "format", "column", "i", "ignore-case", "color");
  if (scan.operands.length === 0 ? lists || looks || call.args.length === 0 : lists)
    return [harmless("git.tag-list", "only reads")];
  return [repoChange(call, "makes a tag"), ...readAll(call, valuesOf(scan, "F", "file"))];
}

const remoteOptions: Readonly<Record<string, string>> = {
  show: "n v verbose",
  "get-url": "push all",
  update: "p prune v verbose",
  prune: "n dry-run",
  add: "t= m= f fetch tags no-tags",
  rename: "progress no-progress",
  "set-head": "a auto d delete",
  "set-branches": "add",
};

function judgeRemote(call: Call): Finding[] {
  const [verb, ...rest] = call.scan.operands;
  if (verb === undefined) return [harmless("git.remote-list", "only reads")];
  const name = verb.value ?? "?";
  const options = Object.hasOwn(remoteOptions, name) ? remoteOptions[name] : undefined;
  const scan = scanOptions(rest, optionSpec(`v verbose ${options ?? ""}`), "gnu");
  if (options === undefined || scan.unknown !== null || scan.open !== null) return [remoteChange(call)];
  switch (name) {
    case "get-url":
      return [harmless("git.remote-list", "only reads")];
    case "show":
      return has(scan, "n") || scan.operands.length === 0
        ? [harmless("git.remote-list", "only reads")]
        : [askRemote(call, scan.operands[0])];
    case "prune":
    case "update":
      return [
        askRemote(call, scan.operands[0]),
        ...(has(scan, "n", "dry-run") ? [] : [repoChange(call, "follows what the remote has")]),
      ];
    case "add":
      return [addRemote(call, scan.operands, has(scan, "f", "fetch"))];
    default:
      return [repoChange(call, "changes how this repository names a remote")];
  }
}

/** A new name for an address the gate can read; pushing to it is asked for on its own. */
function addRemote(call: Call, operands: readonly Word[], fetches: boolean): Finding {
  const [, address] = operands;
  const host = address === undefined ? null : hostOf(address);
  const isFolder = /^(\/|\.{1,2}\/)[\w./-]+$/.test(address?.value ?? "");
  if (operands.length !== 2 || (host === null && !isFolder)) return remoteChange(call);
  const added = repoChange(call, "names another remote");
  return fetches && host !== null
    ? { ...added, effects: [...added.effects, effect("network-read", host, "remote")], needs: [host] }
    : added;
}

function remoteChange(call: Call): Finding {
  return explicit(
    call,
    "change",
    "changes where this repository sends and fetches",
    "discard",
    "repo",
    call.args.map(textOf).join(" "),
  );
}
