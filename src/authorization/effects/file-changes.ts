import { basename } from "node:path";
import type { EffectKind } from "../action.ts";
import type { Word } from "../parsed-command.ts";
import { literalWord } from "../parsed-command.ts";
import { pathsOf } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { after, leadingText } from "./options.ts";
import {
  type Call,
  deleteAll,
  explicit,
  has,
  named,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

/** Tools that create, change or delete the files named in their words. */
export const fileChanges: Table = {
  tee: {
    options: "a append i ignore-interrupts p output-error=?",
    judge: (call) => [harmless(call.rule, "copies its input"), ...writeAll(call, call.scan.operands)],
  },
  touch: {
    options: "a c no-create d= date= f h no-dereference m r= reference= t= time=",
    judge: (call) => writeAll(call, call.scan.operands),
  },
  mkdir: { options: "p parents v verbose m= mode=", judge: (call) => writeAll(call, call.scan.operands) },
  mktemp: {
    options: "d directory u dry-run q quiet p= tmpdir=? t suffix=",
    judge: (call) => [
      finding("brief", call.rule, "makes a temporary file", [effect("write", "temporary file", "none")]),
      ...writeAll(call, valuesOf(call.scan, "p", "tmpdir")),
    ],
  },
  truncate: {
    options: "c no-create o io-blocks r= reference= s= size=",
    judge: (call) => [...cuts(call), ...writeAll(call, call.scan.operands)],
  },
  rm: {
    options: "i I f force r R recursive d dir v verbose interactive=? preserve-root=? one-file-system",
    judge: judgeRemove,
  },
  ...named("unlink", { options: "", judge: judgeRemove }),
  rmdir: { options: "v verbose ignore-fail-on-non-empty", judge: judgeRemove },
  ...named("shred wipe srm", floored("discard", "destroys a file's content")),
  cp: {
    options:
      "a archive b backup=? f force H i interactive l link L dereference n no-clobber P no-dereference p preserve=? no-preserve= parents R r recursive reflink=? remove-destination sparse= strip-trailing-slashes s symbolic-link S= suffix= t= target-directory= T no-target-directory u update=? v verbose x one-file-system d",
    judge: (call) => [...sources(call), ...destinations(call)],
  },
  mv: {
    options:
      "b backup=? f force i interactive n no-clobber strip-trailing-slashes S= suffix= t= target-directory= T no-target-directory u update=? v verbose",
    judge: (call) => [...sources(call), ...moved(call), ...destinations(call)],
  },
  ln: {
    options: "s symbolic f force n no-dereference r relative t= target-directory= T v verbose i",
    judge: judgeLink,
  },
  install: {
    options: "D d directory m= mode= p preserve-timestamps t= target-directory= T v verbose C compare b",
    judge: (call) =>
      has(call.scan, "d", "directory")
        ? writeAll(call, call.scan.operands)
        : [...sources(call), ...destinations(call)],
  },
  chmod: { options: "x w r c changes f silent quiet v verbose", judge: judgeMode },
  ...named(
    "chown chgrp setfacl chattr chcon setfattr setcap",
    floored("account", "changes ownership or access rights"),
  ),
  dd: { options: "any", judge: judgeDd },
  split: {
    options:
      "a= suffix-length= b= bytes= C= d e l= lines= n= number= t= x verbose additional-suffix= numeric-suffixes=?",
    judge: (call) => [
      ...readAll(call, call.scan.operands.slice(0, 1)),
      ...writeAll(
        call,
        call.scan.operands[1] === undefined ? [literalWord("xaa")] : call.scan.operands.slice(1),
      ),
    ],
  },
  csplit: {
    options: "b= f= k n= s z",
    judge: (call) => [
      ...readAll(call, call.scan.operands.slice(0, 1)),
      ...writeAll(call, [literalWord("xx00")]),
    ],
  },
  patch: {
    options: "p= strip= i= input= R reverse N forward s quiet u dry-run b backup E t batch F= l verbose",
    judge: (call) => [
      has(call.scan, "dry-run")
        ? harmless(call.rule)
        : finding("brief", call.rule, "applies a patch to the worktree", [
            effect("write", "files named in the patch", "worktree"),
          ]),
      ...readAll(call, [...valuesOf(call.scan, "i", "input"), ...call.scan.operands.slice(1)]),
      ...writeAll(call, call.scan.operands.slice(0, 1)),
    ],
  },
  ...named("nano micro", {
    options: "autoindent l i w",
    judge: (call) => writeAll(call, call.scan.operands),
  }),
  ...named(
    "vi vim nvim view ex ed emacs emacsclient code pico joe mcedit vimdiff rvim",
    floored("execute-opaque", "an editor can run commands"),
  ),
};

/** Explicit for any file, and denied for those that only Nimrod writes. */
function floored(kind: EffectKind, reason: string): Row {
  return {
    options: "any",
    judge: (call) => [
      explicit(call, "", reason, kind, "host", call.args.map(textOf).join(" ")),
      ...writeAll(call, call.scan.operands).filter((one) => one.tier === "deny"),
    ],
  };
}

function cuts(call: Call): Finding[] {
  const isEmptying = valuesOf(call.scan, "s", "size").some((word) => !/^\+?[1-9]/.test(textOf(word)));
  return isEmptying
    ? [explicit(call, "empty", "throws content away", "discard", "worktree", textOf(call.scan.operands[0]))]
    : [];
}

function judgeRemove(call: Call): Finding[] {
  const { operands } = call.scan;
  const found = deleteAll(call, operands);
  if (operands.length === 0) return [harmless(call.rule)];
  const isTree = has(call.scan, "r", "R", "recursive");
  if (isTree && operands.some((word) => holdsNimrods(call, word))) {
    found.push(
      finding("deny", "delete.nimrod", "the tree holds what only Nimrod writes", [
        effect("delete", operands.map(textOf).join(" "), "nimrod"),
      ]),
    );
  }
  if (has(call.scan, "f", "force"))
    found.push(
      explicit(call, "force", "deletes without asking", "delete", "worktree", operands.map(textOf).join(" ")),
    );
  if (isTree)
    found.push(
      explicit(call, "recursive", "deletes a tree", "delete", "worktree", operands.map(textOf).join(" ")),
    );
  if (operands.length > 1)
    found.push(
      explicit(
        call,
        "several",
        "deletes several files",
        "delete",
        "worktree",
        operands.map(textOf).join(" "),
      ),
    );
  return found;
}

/** Is the worktree or the state folder inside the folder? */
function holdsNimrods(call: Call, word: Word): boolean {
  const { worktree, state } = call.place.context;
  return pathsOf(call.place, word).some((path) =>
    [worktree, state].some((inside) => `${inside}/`.startsWith(path === "/" ? path : `${path}/`)),
  );
}

function sources(call: Call): Finding[] {
  return readAll(call, hasTargetFolder(call) ? call.scan.operands : call.scan.operands.slice(0, -1));
}

function hasTargetFolder(call: Call): boolean {
  return has(call.scan, "t", "target-directory");
}

/** The destination as a file, and as a folder that receives the sources under their own names. */
function destinations(call: Call): Finding[] {
  const folders = valuesOf(call.scan, "t", "target-directory");
  const last = call.scan.operands.at(-1);
  const from = folders.length > 0 ? call.scan.operands : call.scan.operands.slice(0, -1);
  const targets = folders.length > 0 ? folders : last === undefined ? [] : [last];
  return targets.flatMap((target) => {
    const into = from.map((source) => childOf(target, source));
    const isRoot = pathsOf(call.place, target).includes(call.place.context.worktree);
    const isTree = from.some((source) => /\/\.?$/.test(textOf(source)));
    // `cp -r x/. .` may bring any name, also closed ones.
    if (isRoot && isTree)
      return [
        explicit(call, "tree", "unpacks a folder over the worktree", "write", "worktree", textOf(target)),
      ];
    const asFile = isRoot ? [] : writeAll(call, [target]);
    return [...asFile, ...writeAll(call, into).filter((one) => one.tier !== "brief" || isRoot)];
  });
}

function childOf(folder: Word, source: Word): Word {
  if (source.value !== null) {
    const tail = { kind: "text" as const, text: `/${basename(source.value)}` };
    return {
      text: folder.text,
      pieces: [...folder.pieces, tail],
      value: folder.value === null ? null : folder.value + tail.text,
      splits: folder.splits,
    };
  }
  const tail = source.pieces.some((piece) => piece.kind === "unknown" || piece.kind === "variable")
    ? ({ kind: "unknown" } as const)
    : ({ kind: "glob" } as const);
  const named = lastName(source);
  return {
    text: folder.text,
    pieces: [...folder.pieces, { kind: "text", text: "/" }, ...(named ?? [tail])],
    value: null,
    splits: false,
  };
}

/** The pieces after the last slash, when nothing open comes after it but wildcards. */
function lastName(source: Word): Word["pieces"] | null {
  if (source.pieces.some((piece) => piece.kind === "unknown" || piece.kind === "variable")) return null;
  const index = source.pieces.findLastIndex((piece) => piece.kind === "text" && piece.text.includes("/"));
  if (index === -1) return source.pieces;
  const piece = source.pieces[index];
  const text = piece?.kind === "text" ? piece.text.slice(piece.text.lastIndexOf("/") + 1) : "";
  return [...(text === "" ? [] : [{ kind: "text" as const, text }]), ...source.pieces.slice(index + 1)];
}

/** Moving away is deleting the old name; git or the other name still has the content. */
function moved(call: Call): Finding[] {
  const from = hasTargetFolder(call) ? call.scan.operands : call.scan.operands.slice(0, -1);
  return deleteAll(call, from).map((one) => (one.rule === "delete.one" ? { ...one, rule: "mv" } : one));
}

function judgeLink(call: Call): Finding[] {
  // A link is judged by what it makes reachable under a name inside the worktree.
  const found = [...sources(call), ...destinations(call)];
  const from = hasTargetFolder(call) ? call.scan.operands : call.scan.operands.slice(0, -1);
  const outside = writeAll(call, from).filter((one) => one.tier === "explicit" || one.tier === "deny");
  return [...found, ...outside];
}

function judgeMode(call: Call): Finding[] {
  const [mode, ...files] = call.args.filter((word) => !/^-(c|f|v|-\w+)$/.test(textOf(word)));
  if (mode === undefined) return [harmless(call.rule)];
  const found = writeAll(call, files).map((one) =>
    one.tier === "none" && one.effects.length > 0 ? { ...one, tier: "brief" as const } : one,
  );
  const text = textOf(mode);
  const isWide =
    /[ugo]*a?[+=][rwxX]*[st]|^[2467]\d{3}$|o[+=][rx]*w|[2367]$/.test(text) && !/^[ugo]+-/.test(text);
  if (mode.value === null || isWide)
    found.push(
      explicit(call, "wide", `${text} gives rights away`, "account", "worktree", files.map(textOf).join(" ")),
    );
  return found;
}

function judgeDd(call: Call): Finding[] {
  const found: Finding[] = [harmless(call.rule, "copies bytes")];
  for (const word of call.args) {
    const head = leadingText(word);
    if (head.startsWith("if=")) found.push(...readAll(call, [after(word, 3)]));
    else if (head.startsWith("of=")) found.push(...writeAll(call, [after(word, 3)]));
    else if (
      word.value === null ||
      !/^(bs|ibs|obs|count|skip|seek|iseek|oseek|cbs|conv|iflag|oflag|status)=/.test(head)
    ) {
      found.push(explicit(call, "unknown", `${word.text} is not known to be harmless`, "unknown", "none"));
    }
  }
  return found;
}
