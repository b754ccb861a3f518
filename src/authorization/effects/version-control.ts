import { effect, finding } from "./finding.ts";
import {
  always,
  type Group,
  has,
  named,
  type Row,
  readAll,
  repoChange,
  type Table,
  textOf,
  writeAll,
} from "./row.ts";
import {
  commits,
  destroys,
  each,
  guard,
  guardRow,
  listens,
  opaque,
  publishes,
  query,
  runs,
  settings,
  split,
} from "./verbs.ts";

/** Version control beside git, and what people put around git to look at it. */

/** Folders it names outside the worktree are written, and so is the folder it runs in. */
const asksServer: Row = {
  options: "any",
  plain: true,
  judge: (call) => [
    {
      ...finding("brief", call.rule, "reads from a remote", [effect("network-read", "remote", "remote")]),
      needs: ["remote:origin"],
    },
    repoChange(call, "brings what it read into the worktree"),
    ...writeAll(
      call,
      call.scan.operands.filter((word) => !textOf(word).includes("://")),
    ).filter((one) => one.tier === "deny" || one.rule === "write.outside"),
  ],
};

const discards = always("explicit", "discard", "worktree", "throws work or history away");

// A repository of Subversion is on a server: reading it is a query, committing is sending.
const svn = (): Group => ({
  global: "",
  subs: guard(
    {
      ...each(
        "log status st stat info list ls diff di blame praise annotate ann cat propget pget pg proplist plist pl help",
        query,
      ),
      ...each("update up checkout co switch sw", asksServer),
      ...each(
        "add mv move rename ren copy cp merge resolved resolve propset pset ps changelist cl cleanup patch upgrade",
        commits,
      ),
      export: writesLast(),
      ...each("revert", discards),
      ...each("delete del remove rm", destroys),
      ...each("commit ci import mkdir lock unlock relocate propedit pedit pe", publishes),
    },
    "diff-cmd diff3-cmd editor-cmd config-option config-dir password password-from-stdin force remove-unversioned remove-ignored vacuum-pristines relocate",
  ),
});

function writesLast(): Row {
  return {
    options: "q quiet r= revision= N non-recursive depth= native-eol= ignore-externals ignore-keywords",
    judge: (call) => [
      finding("brief", call.rule, "copies from the repository", [effect("network-read", "remote", "remote")]),
      ...writeAll(call, call.scan.operands.slice(1)),
    ],
  };
}

const hg = (): Group => ({
  global:
    "q quiet v verbose y noninteractive pager= color= R= repository= cwd= encoding= traceback time hidden",
  before: (scan, place) => ({
    place: has(scan, "R", "repository", "cwd") ? { ...place, cwdKnown: false } : place,
    findings: [],
  }),
  subs: {
    ...guard(
      each(
        "log history status st stat diff annotate blame branches tags heads head id identify parents paths summary sum files manifest root verify grep locate help version copies cat",
        { ...query, judge: (call) => [...query.judge(call), ...readAll(call, call.scan.operands)] },
      ),
      "config debugger profile output o",
    ),
    ...guard(each("config showconfig", query), "config debugger e edit l local g global"),
    ...guard(
      {
        ...each("incoming in outgoing out pull clone", asksServer),
        ...each(
          "add commit ci addremove forget graft import merge rename mv move copy cp shelve unshelve tag init backout rebase resolve phase amend absorb uncommit fold branch update up checkout co",
          commits,
        ),
        ...each(
          "bookmark bookmarks",
          split((call) => call.args.length === 0, query, commits),
        ),
      },
      "config debugger tool ssh e remotecmd clean C delete d remove force f edit output insecure",
    ),
    ...each("revert strip purge rollback histedit remove rm prune evolve", discards),
    ...each("push email", publishes),
    serve: listens,
    ...each("extdiff debugshell", opaque),
  },
});

const jjReads = "log show diff st status evolog obslog interdiff root version help";

const jj = (): Group => ({
  global:
    "no-pager quiet color= R= repository= ignore-working-copy at-operation= at-op= no-integrate-operation",
  bare: query,
  before: (scan, place) => ({
    place: has(scan, "R", "repository") ? { ...place, cwdKnown: false } : place,
    findings: [],
  }),
  subs: guard(
    {
      ...each(jjReads, query),
      ...each(
        "new describe desc commit ci edit squash split rebase duplicate abandon restore parallelize absorb revert backout undo redo next prev simplify-parents sign unsign metaedit track untrack",
        commits,
      ),
      op: nested("log show diff", "restore undo revert", "abandon"),
      operation: nested("log show diff", "restore undo revert", "abandon"),
      bookmark: nested("list l", "create c set s move m track t untrack u rename r forget f", "delete d"),
      b: nested("list l", "create c set s move m track t untrack u rename r forget f", "delete d"),
      tag: nested("list l", "set s", "delete d"),
      file: nested("list show annotate search", "track untrack chmod", ""),
      workspace: nested("list root", "rename update-stale", "add forget"),
      sparse: nested("list", "set reset edit", ""),
      config: nested("list l get g path p", "", "set s unset u edit e"),
      git: {
        global: "",
        subs: {
          ...each("fetch clone", asksServer),
          ...each("init import export root colocation", commits),
          remote: nested("list", "rename", "add remove set-url"),
          push: publishes,
        },
      },
      resolve: split(
        (call) => call.args.some((word) => /^(-l|--list)$/.test(word.value ?? "")),
        query,
        opaque,
      ),
      util: nested("completion config-schema markdown-help", "snapshot", "gc exec"),
      fix: commits,
    },
    "config config-file config-toml tool ignore-immutable",
  ),
});

function nested(reads: string, changes: string, closed: string): Group {
  return {
    global: "",
    subs: {
      ...(reads === "" ? {} : each(reads, query)),
      ...(changes === "" ? {} : each(changes, commits)),
      ...(closed === "" ? {} : each(closed, discards)),
    },
  };
}

export const versionControl = (): Table => ({
  svn: svn(),
  svnversion: query,
  svnlook: guardRow(query, ["diff-cmd", "x", "extensions"]),
  ...named("svnadmin svnsync svnserve", publishes),
  hg: hg(),
  jj: jj(),
  ...named(
    "diff-so-fancy interdiff combinediff filterdiff lsdiff grepdiff",
    guardRow(
      {
        options: "any",
        judge: (call) => [...query.judge(call), ...readAll(call, call.scan.operands)],
      },
      ["in-place", "output", "pager", "difftype", "set-defaults"],
    ),
  ),
  // Looks at history on a terminal; its keys are the operator's.
  tig: {
    options: "any",
    judge: (call) => [
      finding("brief", call.rule, "browses the repository", [effect("read", "repository", "repo")]),
    ],
  },
  ...named(
    "lazygit gitui gitk magit",
    always("explicit", "discard", "repo", "can do anything to the repository"),
  ),
  "git-crypt": { global: "", subs: { status: query, version: query } },
  "git-absorb": commits,
  "git-filter-repo": discards,
  ...named("git-shell git-daemon", listens),
  hub: {
    global: "",
    subs: {
      ...each("ci-status browse", query),
      pr: nested("list show", "", "checkout merge"),
      issue: { global: "", bare: query, subs: each("show labels", query) },
      release: { global: "", bare: query, subs: each("show", query) },
      ...each("create fork delete pull-request push sync api compare", publishes),
    },
  },
  gitlint: runs,
  lefthook: { global: "v verbose", subs: { ...each("run validate dump", runs), version: query } },
  ...named("git-credential-manager git-credential-store git-credential-cache", settings),
});
