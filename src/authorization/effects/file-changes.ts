import { basename, dirname } from "node:path";
import type { EffectKind } from "../action.ts";
import type { Word } from "../parsed-command.ts";
import { literalWord } from "../parsed-command.ts";
import { judgeReadTree, pathsOf } from "../paths.ts";
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
export const fileChanges = (): Table => ({
  tee: {
    options: "a append i ignore-interrupts p output-error=?",
    judge: (call) => [harmless(call.rule, "copies its input"), ...writeAll(call, call.scan.operands)],
  },
  touch: {
    options: "a c no-create d= date= f h no-dereference m r= reference= t= time= A=",
    judge: (call) => writeAll(call, call.scan.operands),
  },
  mkdir: {
    options: "p parents v verbose m= mode= Z context=?",
    judge: (call) => writeAll(call, call.scan.operands),
  },
  mktemp: {
    options: "d directory u dry-run q quiet p= tmpdir=? t suffix= V",
    judge: (call) => [
      has(call.scan, "u", "dry-run")
        ? harmless(call.rule, "names what it would make")
        : finding("brief", call.rule, "makes a temporary file", [effect("write", "temporary file", "none")]),
      ...writeAll(call, valuesOf(call.scan, "p", "tmpdir")),
      ...writeAll(call, templates(call)),
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
  rmdir: { options: "p parents v verbose ignore-fail-on-non-empty", judge: judgeRemove },
  ...named("shred wipe srm", floored("discard", "destroys a file's content")),
  cp: {
    options:
      "a archive b backup=? f force H i interactive l link L dereference n no-clobber P no-dereference p preserve=? no-preserve= parents R r recursive reflink=? remove-destination sparse= strip-trailing-slashes s symbolic-link S= suffix= t= target-directory= T no-target-directory u update=? v verbose x one-file-system d attributes-only copy-contents keep-directory-symlink debug Z context=? c X",
    judge: (call) =>
      has(call.scan, "l", "link", "s", "symbolic-link")
        ? judgeLink(call)
        : [...sources(call), ...destinations(call)],
  },
  mv: {
    options:
      "b backup=? f force i interactive n no-clobber strip-trailing-slashes S= suffix= t= target-directory= T no-target-directory u update=? v verbose exchange no-copy debug Z context h",
    judge: (call) => [...sources(call), ...moved(call), ...destinations(call)],
  },
  ln: {
    options:
      "s symbolic f force n no-dereference r relative t= target-directory= T no-target-directory v verbose i interactive b backup=? S= suffix= L logical P physical d F directory h",
    judge: judgeLink,
  },
  ...named("install ginstall", {
    // Not here: --strip-program starts one.
    options:
      "D d directory m= mode= p preserve-timestamps t= target-directory= T no-target-directory v verbose C compare b backup=? c s strip S= suffix= g= group= o= owner= Z context=? preserve-context debug",
    judge: (call) => [
      ...(has(call.scan, "d", "directory")
        ? writeAll(call, call.scan.operands)
        : [...sources(call), ...destinations(call)]),
      ...(valuesOf(call.scan, "m", "mode").some(givesAway)
        ? [explicit(call, "wide", "gives rights away", "account", "worktree")]
        : []),
      ...(has(call.scan, "o", "g", "owner", "group")
        ? [explicit(call, "owner", "changes ownership", "account", "host")]
        : []),
    ],
  }),
  mkfifo: { options: "m= mode= Z context=?", judge: (call) => writeAll(call, call.scan.operands) },
  link: { options: "", judge: judgeLink },
  fallocate: {
    // Not here: what punches holes or takes content away.
    options: "l= length= n keep-size o= offset= v verbose x posix",
    judge: (call) => writeAll(call, call.scan.operands),
  },
  ...named("dos2unix unix2dos mac2unix unix2mac fromdos todos", {
    options:
      "i=? info=? n newfile k keepdate q quiet f force c= convmode= b keep-bom m add-bom r remove-bom o oldfile O to-stdout v verbose l newline e add-eol no-add-eol R replace-symlink F follow-symlink S skip-symlink s safe u keep-utf16 7 allow-chown d p a",
    judge: (call) =>
      has(call.scan, "i", "info", "O", "to-stdout")
        ? [harmless(call.rule, "looks at line endings"), ...readAll(call, call.scan.operands)]
        : [harmless(call.rule, "converts its input"), ...writeAll(call, call.scan.operands)],
  }),
  ...named("rename prename file-rename perl-rename rename.ul", {
    options:
      "n nono no-act dry-run v verbose o no-overwrite i interactive s symlink d filename nofullpath path fullpath",
    judge: judgeRename,
  }),
  chmod: { options: "x w r c changes f silent quiet v verbose", judge: judgeMode },
  ...named(
    "chown chgrp setfacl chattr chcon setfattr setcap",
    floored("account", "changes ownership or access rights"),
  ),
  dd: { options: "any", judge: judgeDd },
  split: {
    // Not here: --filter starts a shell.
    options:
      "a= suffix-length= b= bytes= C= line-bytes= d e elide-empty-files l= lines= n= number= p= t= separator= u unbuffered x verbose additional-suffix= numeric-suffixes=? hex-suffixes=?",
    judge: (call) => [
      ...readAll(call, call.scan.operands.slice(0, 1)),
      ...writeAll(
        call,
        call.scan.operands[1] === undefined ? [literalWord("xaa")] : call.scan.operands.slice(1),
      ),
    ],
  },
  csplit: {
    options:
      "b= suffix-format= f= prefix= k keep-files n= digits= s q quiet silent z elide-empty-files suppress-matched",
    judge: (call) => [
      ...readAll(call, call.scan.operands.slice(0, 1)),
      ...writeAll(call, [literalWord("xx00"), ...valuesOf(call.scan, "f", "prefix")]),
      // A format such as `../x%d` leads elsewhere.
      ...valuesOf(call.scan, "b", "suffix-format")
        .filter((word) => textOf(word).includes("/"))
        .map(() => explicit(call, "format", "names files elsewhere", "write", "host")),
    ],
  },
  patch: {
    // Not here: --follow-symlinks, and -e, whose scripts an editor runs.
    options:
      "p= strip= i= input= R reverse N forward s quiet silent u unified c context n normal dry-run b backup E remove-empty-files t batch f force F= fuzz= l ignore-whitespace verbose merge=? Z set-utc T set-time d= directory= o= output= r= reject-file= z= suffix= B= prefix= Y= basename-prefix= V= version-control= no-backup-if-mismatch backup-if-mismatch binary posix quoting-style= reject-format= read-only= D= ifdef=",
    judge: judgePatch,
  },
  ...named("nano micro", {
    options: "autoindent l i w",
    judge: (call) => writeAll(call, call.scan.operands),
  }),
  ...named(
    "vi vim nvim view ex ed emacs emacsclient code pico joe mcedit vimdiff rvim",
    floored("execute-opaque", "an editor can run commands"),
  ),
});

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
  const from = hasTargetFolder(call) ? call.scan.operands : call.scan.operands.slice(0, -1);
  return has(call.scan, "r", "R", "a", "recursive", "archive")
    ? from.flatMap((word) => judgeReadTree(call.place, word))
    : readAll(call, from);
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
  const isWhole = has(call.scan, "parents");
  return targets.flatMap((target) => {
    const into = from.map((source) => childOf(target, source, isWhole));
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

function childOf(folder: Word, source: Word, isWhole = false): Word {
  if (source.value !== null) {
    const tail = { kind: "text" as const, text: `/${isWhole ? source.value : basename(source.value)}` };
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
  const named = isWhole ? source.pieces : lastName(source);
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
  const isPattern = (word: Word): boolean =>
    word.value === null && word.pieces.every((each) => each.kind !== "unknown" && each.kind !== "variable");
  return from
    .flatMap((word) => (isPattern(word) ? writeAll(call, [word]) : deleteAll(call, [word])))
    .map((one) =>
      /^(delete\.one|write\.(docs|worktree))$/.test(one.rule) ? { ...one, tier: "brief", rule: "mv" } : one,
    );
}

/** A link is judged by what it makes reachable under a name inside the worktree. */
function judgeLink(call: Call): Finding[] {
  const { operands, given } = call.scan;
  const isInto = hasTargetFolder(call);
  const from = isInto ? operands : operands.slice(0, -1);
  const target = isInto ? valuesOf(call.scan, "t", "target-directory")[0] : operands.at(-1);
  const isSymbolic = given.has("s") || given.has("symbolic") || given.has("symbolic-link");
  const isFromHere = !isSymbolic || given.has("r") || given.has("relative");
  const reached = from.flatMap((source) => {
    const text = source.value;
    if (isFromHere || text === null || /^[/~]/.test(text) || target?.value == null) return [source];
    // The text of a symbolic link is read from where the link lies: beside its name, or in the folder of that name.
    return [dirname(target.value), target.value].map((folder) => literalWord(`${folder}/${text}`));
  });
  const outside = writeAll(call, reached).filter((one) => one.tier === "explicit" || one.tier === "deny");
  return [...readAll(call, reached), ...destinations(call), ...outside];
}

/** Templates of names, unless they lie in the folder for temporary files. */
function templates(call: Call): Word[] {
  if (has(call.scan, "t", "u", "dry-run")) return [];
  const isElsewhere = has(call.scan, "p", "tmpdir");
  return call.scan.operands.filter((word) => !isElsewhere || textOf(word).includes("/"));
}

/** An expression of rename is Perl: only a plain substitution is read. The other rename takes two texts. */
function judgeRename(call: Call): Finding[] {
  const [first, second, ...others] = call.scan.operands;
  if (first === undefined) return [harmless(call.rule)];
  const isPlainText = /^[\w.,+ -]*$/;
  const isTwoTexts = isPlainText.test(first.value ?? "/") && isPlainText.test(second?.value ?? "/");
  const isSubstitution =
    /^(s\/[\w\s.\\^$*+?()[\]|,:;=~#%!&-]*\/[\w\s.\\$,:;=~#%!&()-]*\/[gimsx]*|(y|tr)\/[\w\s.\\-]*\/[\w\s.\\-]*\/[cdsr]*)$/.test(
      first.value ?? "",
    );
  const files = isTwoTexts ? others : [...(second === undefined ? [] : [second]), ...others];
  if (!isTwoTexts && !isSubstitution)
    return [
      explicit(call, "code", "the expression is Perl", "execute-opaque", "none"),
      ...writeAll(call, files),
    ];
  if (has(call.scan, "n", "nono", "no-act", "dry-run"))
    return [harmless(call.rule, "says what it would rename")];
  return files.length === 0
    ? [explicit(call, "names", "renames what it reads", "write", "worktree")]
    : [...writeAll(call, files), ...newNames(call, first, isTwoTexts ? second : undefined, files)];
}

/** Where the new name can be said it is judged; a closed name must not come out of an open one. */
function newNames(call: Call, first: Word, second: Word | undefined, files: readonly Word[]): Finding[] {
  const whole = second === undefined ? (first.value ?? "").split("/")[2] : (second.value ?? "");
  if (whole === undefined || whole === "") return [];
  return files.flatMap((file) => {
    const path = file.value ?? "";
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    return writeAll(call, [literalWord(`${folder}${whole}`)]).filter((one) => one.tier !== "brief");
  });
}

/** The files of a patch are judged where its text can be seen. */
function judgePatch(call: Call): Finding[] {
  const folder = valuesOf(call.scan, "d", "directory")[0];
  const inputs = [...valuesOf(call.scan, "i", "input"), ...call.scan.operands.slice(1)];
  if (has(call.scan, "dry-run")) return [harmless(call.rule), ...readAll(call, inputs)];
  const text = call.stdin.kind === "text" ? (call.stdin.text ?? "") : "";
  const given = valuesOf(call.scan, "p", "strip")[0];
  // Without -p only the last name of a path counts, unless its folder exists.
  const readings = (path: string): string[] =>
    given === undefined
      ? [path, basename(path)]
      : [
          path
            .split("/")
            .slice(Number(textOf(given)) || 0)
            .join("/"),
        ];
  const names = [...text.matchAll(/^(?:\+\+\+|---|Index:) ([^\t\n]+)/gm)].flatMap((found) =>
    readings(found[1] ?? ""),
  );
  const into = (name: string): Word =>
    folder === undefined ? literalWord(name) : childOf(folder, literalWord(name), true);
  return [
    finding("brief", call.rule, "applies a patch to the worktree", [
      effect("write", "files named in the patch", "worktree"),
    ]),
    ...readAll(call, inputs),
    ...writeAll(call, names.filter((name) => !/^(\/dev\/)?(null)?$/.test(name)).map(into)),
    ...writeAll(call, [
      ...call.scan.operands.slice(0, 1),
      ...valuesOf(call.scan, "o", "output", "r", "reject-file", "B", "prefix"),
      ...(folder === undefined ? [] : [childOf(folder, literalWord("file"))]),
    ]),
  ];
}

function judgeMode(call: Call): Finding[] {
  const [mode, ...files] = call.args.filter((word) => !/^-(c|f|v|-\w+)$/.test(textOf(word)));
  if (mode === undefined) return [harmless(call.rule)];
  const found = writeAll(call, files).map((one) =>
    one.tier === "none" && one.effects.length > 0 ? { ...one, tier: "brief" as const } : one,
  );
  if (givesAway(mode))
    found.push(
      explicit(
        call,
        "wide",
        `${textOf(mode)} gives rights away`,
        "account",
        "worktree",
        files.map(textOf).join(" "),
      ),
    );
  return found;
}

/** Set-user-ID, set-group-ID, the sticky bit, and what everybody may write. */
function givesAway(mode: Word): boolean {
  const text = textOf(mode);
  const isWide =
    /[ugo]*a?[+=][rwxX]*[st]|^[2467]\d{3}$|o[+=][rx]*w|[2367]$/.test(text) && !/^[ugo]+-/.test(text);
  return mode.value === null || isWide;
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
