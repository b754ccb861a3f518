import { literalWord } from "../parsed-command.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { askRemote, gitRead, logOptions } from "./git-log.ts";
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
import { each, publishes, settings } from "./verbs.ts";

/** What git keeps beside its history: large files, bundles, sparse patterns, submodules, subtrees, its own upkeep. */

function change(options: string, reason = "changes the repository; it can be undone"): Row {
  return { options, plain: true, judge: (call) => [repoChange(call, reason)] };
}

function discards(reason: string): Row {
  return {
    options: "any",
    plain: true,
    judge: (call) => [explicit(call, "", reason, "discard", "repo", call.args.map(textOf).join(" "))],
  };
}

/** Fetches what a configured remote has. */
function fetches(options: string): Row {
  return {
    options,
    plain: true,
    judge: (call) => [askRemote(call, undefined), repoChange(call, "keeps what it fetched")],
  };
}

const lfsFilters = "I= include= X= exclude=";

/** What git obeys has the tier of the file, whatever wrote it. */
function settingsOf(call: Call, file: string): Finding[] {
  return writeAll(call, [literalWord(file)]);
}

export const lfs: Group = {
  global: "",
  ownOptions: true,
  subs: {
    ...each("env ext version", gitRead("")),
    "ls-files": gitRead("l long s size d debug a all deleted n name-only json I= include= X= exclude="),
    status: gitRead("p porcelain j json"),
    // It moves what is broken out of the way.
    fsck: {
      options: "objects pointers d dry-run",
      judge: (call) =>
        has(call.scan, "d", "dry-run")
          ? [harmless(call.rule, "only checks")]
          : [repoChange(call, "sets broken objects aside")],
    },
    pointer: gitRead("file= pointer= stdin check strict no-strict"),
    logs: { global: "", subs: { ...each("last show", gitRead("")) }, bare: gitRead("") },
    locks: fetches("r= remote= i= id= p= path= l= limit= local cached verify json refspec="),
    track: {
      options: "v verbose d dry-run filename l lockable not-lockable no-excluded no-modify-attrs json",
      plain: true,
      judge: (call) =>
        call.scan.operands.length === 0 || has(call.scan, "d", "dry-run")
          ? [harmless(call.rule, "only lists")]
          : [repoChange(call, "writes .gitattributes"), ...settingsOf(call, ".gitattributes")],
    },
    untrack: {
      options: "",
      plain: true,
      judge: (call) => [repoChange(call, "writes .gitattributes"), ...settingsOf(call, ".gitattributes")],
    },
    // Not --prune: it deletes what is old.
    fetch: fetches(`${lfsFilters} r recent a all refetch d dry-run json stdin`),
    pull: fetches(lfsFilters),
    checkout: {
      options: "base ours theirs to=",
      judge: (call) => [
        repoChange(call, "puts large files in place of their pointers"),
        ...writeAll(call, valuesOf(call.scan, "to")),
      ],
    },
    migrate: {
      global: "",
      subs: {
        info: gitRead(
          "I= include= X= exclude= include-ref= exclude-ref= everything above= top= unit= pointers= fixup skip-fetch",
        ),
        "*": discards("rewrites history"),
      },
    },
    prune: {
      options: "d dry-run f force r recent v verbose verify-remote no-verify-remote verify-unreachable",
      judge: (call) => [
        has(call.scan, "d", "dry-run")
          ? harmless(call.rule, "only lists")
          : explicit(call, "", "deletes large files kept by the repository", "discard", "repo"),
      ],
    },
    ...each("push lock unlock", publishes),
    ...each("install uninstall update", settings),
  },
};

function judgeForeach(call: Call): Finding[] {
  const words = call.scan.operands;
  const [only] = words;
  if (only === undefined) return [harmless(call.rule)];
  // One word is shell text, several are an argv.
  if (words.length > 1) return call.nested(words);
  return only.value === null
    ? [explicit(call, "opaque", "runs text that is only known at run time", "execute-opaque", "repo")]
    : call.script(only.value);
}

const submodule: Group = {
  global: "q quiet cached recursive",
  ownOptions: true,
  bare: gitRead("q quiet cached recursive"),
  subs: {
    status: gitRead("cached recursive q quiet"),
    summary: gitRead("cached files n= summary-limit= for-status commit"),
    init: change("q quiet", "registers submodules"),
    sync: change("recursive q quiet", "copies the addresses of submodules"),
    update: {
      options:
        "init remote N no-fetch no-recommend-shallow recommend-shallow depth= j= jobs= recursive single-branch no-single-branch progress q quiet filter= checkout merge rebase reference=",
      plain: true,
      judge: (call) => [
        {
          ...finding("brief", call.rule, "fetches submodules", [
            effect("network-read", "submodules", "remote"),
          ]),
          needs: ["remote:submodules"],
        },
        repoChange(call, "checks submodules out"),
      ],
    },
    add: {
      options: "b= branch= name= depth= q quiet progress reference=",
      plain: true,
      judge: (call) => [
        askRemote(call, call.scan.operands[0]),
        repoChange(call, "adds a submodule"),
        ...settingsOf(call, ".gitmodules"),
        ...writeAll(call, call.scan.operands.slice(1, 2)),
      ],
    },
    "set-branch": {
      options: "b= branch= d default q quiet",
      plain: true,
      judge: (call) => settingsOf(call, ".gitmodules"),
    },
    absorbgitdirs: change("q quiet"),
    foreach: { options: "recursive q quiet", style: "first", plain: true, wraps: true, judge: judgeForeach },
    "*": discards("drops a submodule or changes where it comes from"),
  },
};

/** Files that are packed from or into. */
const bundle: Group = {
  global: "",
  ownOptions: true,
  subs: {
    verify: gitRead("q quiet"),
    "list-heads": gitRead(""),
    create: {
      options: `${logOptions} progress all-progress all-progress-implied version=`,
      judge: (call) => [
        harmless(call.rule, "packs history"),
        ...writeAll(call, call.scan.operands.slice(0, 1)),
        ...writeAll(call, valuesOf(call.scan, "output")),
      ],
    },
  },
};

const sparseCheckout: Group = {
  global: "",
  ownOptions: true,
  subs: {
    list: gitRead(""),
    "check-rules": gitRead("z cone no-cone rules-file="),
    init: change("cone no-cone sparse-index no-sparse-index"),
    ...each(
      "set reapply",
      change("cone no-cone sparse-index no-sparse-index stdin skip-checks end-of-options"),
    ),
    add: change("skip-checks stdin end-of-options"),
    disable: change(""),
  },
};

const subtree: Group = {
  global: "P= prefix= d debug q quiet",
  subs: {
    ...each("add pull merge", {
      options: "squash no-squash m= message= S=? gpg-sign=?",
      plain: true,
      judge: (call) => [
        ...(call.scan.operands.length > 1 ? [askRemote(call, call.scan.operands[0])] : []),
        repoChange(call, "merges another history into a folder"),
        ...writeAll(call, valuesOf(call.scan, "P", "prefix")),
      ],
    }),
    split: change("annotate= b= branch= ignore-joins onto= rejoin squash m= message="),
    push: publishes,
  },
};

export const gitStores: Table = {
  lfs,
  submodule,
  bundle,
  "sparse-checkout": sparseCheckout,
  subtree,
  maintenance: {
    global: "",
    ownOptions: true,
    subs: {
      "is-needed": gitRead("auto task= detach no-detach"),
      "*": discards("changes or schedules the upkeep of the repository"),
    },
  },
  prune: {
    options: "n dry-run v verbose progress expire=",
    plain: true,
    judge: (call) => [
      has(call.scan, "n", "dry-run")
        ? harmless(call.rule, "only lists")
        : explicit(call, "", "deletes objects", "discard", "repo"),
    ],
  },
  "update-index": {
    options:
      "q refresh really-refresh add remove chmod= assume-unchanged no-assume-unchanged skip-worktree no-skip-worktree again g verbose ignore-missing ignore-submodules z stdin",
    judge: (call) => [repoChange(call, "changes the index"), ...readAll(call, call.scan.operands)],
  },
  ...each("write-tree commit-tree mktree", {
    options: "p= m= F= S=? missing-ok prefix= z missing batch no-gpg-sign",
    plain: true,
    judge: (call) => [
      repoChange(call, "writes an object that nothing points to yet"),
      ...readAll(call, valuesOf(call.scan, "F")),
    ],
  }),
  "pack-refs": change("all no-all prune no-prune auto include= exclude="),
  "request-pull": {
    options: "p",
    plain: true,
    judge: (call) => [askRemote(call, call.scan.operands[1])],
  },
  ...each(
    "gc repack filter-branch filter-repo update-ref read-tree checkout-index svn p4 cvsimport archimport quiltimport credential credential-cache credential-store daemon instaweb fast-import receive-pack upload-pack upload-archive shell hook mergetool citool gui gitk unpack-objects mktag http-backend http-fetch http-push imap-send send-pack fetch-pack multi-pack-index commit-graph mailsplit mailinfo for-each-repo",
    discards("changes the repository's own data, opens it to others or runs what it configures"),
  ),
  difftool: {
    options: "tool-help",
    plain: true,
    judge: (call) =>
      has(call.scan, "tool-help")
        ? [harmless(call.rule, "prints help")]
        : [explicit(call, "", "starts a configured program", "execute-opaque", "repo")],
  },
  // Extensions that many have installed.
  absorb: change(
    "b= base= n dry-run f force-author w whole-file s and-rebase r v verbose F one-fixup-per-commit m= message=",
  ),
  crypt: {
    global: "",
    ownOptions: true,
    subs: { status: gitRead("e u"), version: gitRead("") },
  },
  ...each("standup summary effort authors count info root", gitRead("# a d= m= n s line dedup-by-email")),
};
