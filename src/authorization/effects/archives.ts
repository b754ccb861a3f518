import { literalWord, type Word } from "../parsed-command.ts";
import { judgeReadTree, judgeWrite } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { leadingText, optionSpec, type Scan, scanOptions } from "./options.ts";
import {
  type Call,
  explicit,
  has,
  named,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

/** Archives and compressed files. Packing reads, unpacking writes below the folder it is told. */

const tarOptions =
  "c create t list x extract get r append u update d diff compare A catenate concatenate delete test-label f= file= v verbose z gzip gunzip ungzip j bzip2 J xz Z compress uncompress zstd lzma lzip lzop a auto-compress no-auto-compress C= directory= exclude= X= exclude-from= exclude-vcs exclude-vcs-ignores exclude-backups exclude-caches exclude-caches-all exclude-tag= exclude-ignore= wildcards no-wildcards wildcards-match-slash no-wildcards-match-slash anchored no-anchored ignore-case no-ignore-case strip-components= O to-stdout k keep-old-files skip-old-files keep-newer-files overwrite overwrite-dir no-overwrite-dir keep-directory-symlink U unlink-first p preserve-permissions same-permissions no-same-permissions same-owner no-same-owner preserve-order s m touch numeric-owner owner= group= mode= mtime= clamp-mtime sort= h dereference hard-dereference W verify n seek no-seek S sparse sparse-version= totals=? checkpoint=? R block-number i ignore-zeros B read-full-records b= blocking-factor= record-size= H= format= posix V= label= pax-option= l check-links one-file-system no-recursion recursion T= files-from= null no-null verbatim-files-from no-verbatim-files-from K= starting-file= N= newer= after-date= newer-mtime= show-transformed-names show-stored-names show-omitted-dirs show-defaults full-time utc quoting-style= quote-chars= no-quote-chars= warning= w interactive confirmation occurrence=? ignore-failed-read no-ignore-command-error acls no-acls xattrs no-xattrs xattrs-include= xattrs-exclude= selinux no-selinux P absolute-names transform= xform= g= listed-incremental= level= backup=? suffix= incremental G one-top-level=? check-device no-check-device remove-files force-local I= use-compress-program= checkpoint-action= atime-preserve=? M multi-volume L= tape-length= delay-directory-restore no-delay-directory-restore";
const tarValues = /[fCXbHVTKNgIL]/;
// `tar -I 'zstd -19 -T0'`: only these, with a level or a number of threads, are known to be mere compressors.
const compressor =
  /^(\/usr\/bin\/)?(gzip|pigz|bzip2|pbzip2|lbzip2|xz|pixz|zstd|zstdmt|lz4|lzip|plzip|lzop|brotli)( (-T ?\d+|-p ?\d+|-\d{1,2}|-[evq]|--ultra|--rsyncable|--long(=\d+)?|--fast(=\d+)?|--best|--threads=\d+))*$/;

const zipOptions =
  "# r recurse-paths R q quiet qq j junk-paths x= exclude= i= include= s= split-size= e encrypt P= password= v verbose u update f freshen FS filesync y symlinks 0 1 9 l D X no-extra d delete o t= tt= n= suffixes= g grow T test O= output-file= b= A z @ sf so";

/** Archives by the tool that reads and writes them. */
export const archives = (): Table => ({
  ...named("tar gtar bsdtar", { options: "any", judge: judgeTar }),
  zip: { options: zipOptions, judge: judgeZip },
  unzip: {
    options: "l v t p c Z z q qq n o j L d= x= C a aa b B f u U V X K M P= s S h T O= I= 1 2 m",
    judge: (call) =>
      has(call.scan, "l", "v", "t", "p", "c", "Z", "z", "h")
        ? [harmless(call.rule, "only lists"), ...readAll(call, call.scan.operands.slice(0, 1))]
        : [...unpacks(call, valuesOf(call.scan, "d")), ...readAll(call, call.scan.operands.slice(0, 1))],
  },
  zipinfo: reads(),
  ...named("zipgrep unzipsfx lsar", reads()),
  ...named("7z 7za 7zr 7zz p7zip", { options: "any", judge: judgeSevenZip }),
  ...named("rar unrar", { options: "any", judge: judgeRar }),
  ...named("unar unp", {
    options: "o= output-directory= f force-overwrite D no-directory d q quiet p= password= e= t r s u v",
    judge: (call) => [
      ...unpacks(call, valuesOf(call.scan, "o", "output-directory")),
      ...readAll(call, call.scan.operands),
    ],
  }),
  cpio: {
    options:
      "i extract t list o create p pass-through d make-directories v verbose u unconditional m preserve-modification-time 0 null H= format= c quiet F= file= I= D= directory= no-absolute-filenames no-preserve-owner to-stdout a A B b f n L l V",
    judge: judgeCpio,
  },
  ar: {
    options: "any",
    // Long options load plugins or write elsewhere; `@file` holds more words.
    judge: (call) =>
      call.args.some((word) => /^(--|@)/.test(leadingText(word)))
        ? [explicit(call, "option", "is not known to be harmless", "unknown", "none")]
        : /^-?[tp][vOP]*$/.test(textOf(call.args[0]))
          ? [harmless("ar.list", "only lists"), ...readAll(call, call.args.slice(1))]
          : /^-?[rqdmxs][A-Za-z]*$/.test(textOf(call.args[0]))
            ? [...changes(call, "changes an archive"), ...writeAll(call, call.args.slice(1, 2))]
            : [explicit(call, "", "is not known to be harmless", "unknown", "none")],
  },
  ...named("gzip gunzip pigz unpigz bzip2 bunzip2 pbzip2 lbzip2 compress uncompress lzip lzop", {
    options:
      "# k keep c stdout to-stdout d decompress uncompress l list t test v verbose q quiet n name no-name N f force r recursive S= suffix= fast best rsyncable p= processes= z compress s small 1 2 3 4 5 6 7 8 9 b= V L h",
    judge: judgeCompress,
  }),
  ...named("xz unxz lzma unlzma pixz", {
    options:
      "# k keep c stdout to-stdout d decompress z compress l list t test v verbose q quiet f force S= suffix= T= threads= e extreme 0 1 2 3 4 5 6 7 8 9 fast best C= check= F= format= M= memlimit= memlimit-compress= memlimit-decompress= no-adjust block-size= robot ignore-check single-stream no-sparse no-warn lzma2=? x86 i info-memory V H",
    judge: judgeCompress,
  }),
  ...named("zstd unzstd zstdmt pzstd lz4 unlz4 brotli", {
    options:
      "# k keep c stdout to-stdout d decompress z compress l list t test v verbose q quiet f force r T= threads= o= output= D= ultra fast=? long=? adapt rsyncable check no-check progress no-progress single-thread auto-threads= 1 2 3 4 5 6 7 8 9 0 B= m best e b i memory= M= exclude-compressed size-hint= stream-size= sparse no-sparse format= w= lgwin= S= suffix= n no-copy-stat C content-size rm j",
    judge: judgeCompress,
  }),
});

/** The first cluster may come without a dash; its values then follow in order. */
function unbundled(args: readonly Word[]): readonly Word[] {
  const [first, ...rest] = args;
  if (first?.value == null || !/^[A-Za-z]+$/.test(first.value)) return args;
  const out: Word[] = [];
  let next = 0;
  for (const letter of first.value) {
    out.push(literalWord(`-${letter}`));
    const value = tarValues.test(letter) ? rest[next] : undefined;
    if (value === undefined) continue;
    next += 1;
    out.push(value);
  }
  return [...out, ...rest.slice(next)];
}

function judgeTar(call: Call): Finding[] {
  const scan = scanOptions(unbundled(call.args), optionSpec(tarOptions), "gnu");
  const refused = refusedByTar(scan);
  if (refused !== null)
    return [explicit(call, "option", `${refused} is not known to be harmless`, "execute-opaque", "none")];
  const files = valuesOf(scan, "f", "file");
  if (!has(scan, "force-local") && files.some((word) => /^[^/]*:/.test(textOf(word))))
    return [explicit(call, "remote", "names an archive on another machine", "network-send", "remote")];
  const archivesNamed = files.filter((word) => word.value !== "-");
  const folders = valuesOf(scan, "C", "directory", "one-top-level");
  const lists = readAll(call, valuesOf(scan, "X", "exclude-from", "T", "files-from"));
  const snapshots = writeAll(call, valuesOf(scan, "g", "listed-incremental"));
  if (has(scan, "t", "list", "test-label", "d", "diff", "compare", "show-defaults"))
    return [harmless("tar.list", "only lists"), ...readAll(call, archivesNamed), ...lists];
  if (has(scan, "x", "extract", "get")) {
    if (has(scan, "O", "to-stdout"))
      return [harmless("tar.print"), ...readAll(call, archivesNamed), ...members(call, scan), ...lists];
    if (has(scan, "P", "absolute-names", "transform", "xform"))
      return [explicit(call, "anywhere", "may unpack outside its folder", "write", "host")];
    return [...unpacks(call, folders), ...readAll(call, archivesNamed), ...lists, ...snapshots];
  }
  if (has(scan, "c", "create", "r", "append", "u", "update", "A", "catenate", "concatenate"))
    return [
      harmless("tar.create", "packs"),
      ...writeAll(call, archivesNamed),
      ...[...scan.operands, ...folders].flatMap((word) => judgeReadTree(call.place, word)),
      ...lists,
      ...snapshots,
    ];
  if (has(scan, "delete")) return [...changes(call, "changes an archive"), ...writeAll(call, archivesNamed)];
  return [explicit(call, "", "is not known to be harmless", "unknown", "none")];
}

function members(call: Call, scan: Scan): Finding[] {
  return readAll(
    call,
    scan.operands.map((word) => (textOf(word).startsWith("/") ? word : literalWord(`/${textOf(word)}`))),
  ).filter((one) => one.tier !== "none");
}

/** The option that runs something, deletes what was packed, or is not declared. */
function refusedByTar(scan: Scan): string | null {
  if (scan.unknown !== null) return scan.unknown;
  if (scan.open !== null) return scan.open.text;
  const programs = valuesOf(scan, "I", "use-compress-program");
  const odd = programs.find((word) => !compressor.test(word.value ?? "?"));
  if (odd !== undefined) return `-I ${odd.text}`;
  const action = valuesOf(scan, "checkpoint-action").find(
    (word) => !/^(dot|\.|bell|totals?|echo(=[^`$]*)?|ttyout(=.*)?|sleep=\d+)$/.test(word.value ?? "?"),
  );
  if (action !== undefined) return `--checkpoint-action=${action.text}`;
  // -M asks for volumes at the terminal, where `!` is a shell.
  return ["remove-files", "M", "multi-volume"].find((name) => has(scan, name)) ?? null;
}

/** Into the folders named, else into the current one. */
function unpacks(call: Call, folders: readonly Word[]): Finding[] {
  const targets = folders.length === 0 ? [literalWord("unpacked")] : folders.map(below);
  return [
    ...changes(call, "unpacks into the worktree"),
    ...targets.flatMap((word) => judgeWrite(call.place, word)),
  ];
}

/** Something below the folder: the folder itself may be the worktree, which is no file of it. */
export function below(folder: Word): Word {
  const piece = { kind: "text" as const, text: "/unpacked" };
  const value = folder.value === null ? null : `${folder.value}${piece.text}`;
  return { ...folder, text: `${folder.text}${piece.text}`, pieces: [...folder.pieces, piece], value };
}

function changes(call: Call, reason: string): Finding[] {
  return [finding("brief", call.rule, reason, [effect("write", "files of the archive", "worktree")])];
}

/** -m moves the originals away: it is left undeclared. */
function judgeZip(call: Call): Finding[] {
  const { scan } = call;
  const [archive, ...rest] = scan.operands;
  if (call.args.some((word) => /^-[^-]*TT/.test(textOf(word))))
    return [explicit(call, "test-command", "runs a program", "execute-opaque", "none")];
  if (has(scan, "T", "test") && rest.length === 0)
    return [harmless(call.rule, "tests an archive"), ...readAll(call, scan.operands)];
  if (archive === undefined) return [harmless(call.rule, "prints help")];
  if (call.args.some((word) => word.value === "-sf"))
    return [harmless("zip.list", "only lists"), ...readAll(call, rest)];
  return [
    ...changes(call, "packs"),
    ...(archive.value === "-" ? [] : writeAll(call, [archive])),
    ...writeAll(call, valuesOf(scan, "O", "output-file", "b")),
    // Names of what is deleted or left out are patterns, not files.
    ...(has(scan, "d", "delete") ? [] : rest.flatMap((word) => judgeReadTree(call.place, word))),
  ];
}

/** `-oDIR` is attached; `-si`, `-so` are its standard streams. */
function judgeSevenZip(call: Call): Finding[] {
  const words = call.args;
  const verb = textOf(words[0]);
  const switches = words.slice(1).filter((word) => textOf(word).startsWith("-"));
  const odd = switches.find(
    (word) =>
      !/^-(-|slt|slp|so|si.*|y|r[-0]?|o.+|p.*|t\w+|m[a-z0-9]+(=[\w.:]+)?|mx\d?|x[r!@].*|i[r!@].*|ao[asut]|bb?\d?|bd|bs[oep][012]|ba|spf2?|ssc-?|stl|scrc\w*|scs[\w-]+|scc[\w-]+|sccUTF-8|snl|snh|sns|v\d+[bkmg]|u.*|an|ai.*|ax.*|w.*)$/.test(
        textOf(word),
      ),
  );
  const operands = words.slice(1).filter((word) => !textOf(word).startsWith("-"));
  if (odd !== undefined || words.some((word) => word.splits))
    return [
      explicit(
        call,
        "option",
        `${odd?.text ?? "a computed word"} is not known to be harmless`,
        "unknown",
        "none",
      ),
    ];
  if (/^(l|t|h|i|b)$/.test(verb))
    return [harmless(`${call.rule}.list`, "only lists"), ...readAll(call, operands)];
  if (/^[xe]$/.test(verb)) {
    if (switches.some((word) => textOf(word) === "-so"))
      return [harmless(`${call.rule}.print`), ...readAll(call, operands)];
    // With full paths stored, -spf unpacks wherever the archive says.
    if (switches.some((word) => textOf(word).startsWith("-spf")))
      return [explicit(call, "anywhere", "writes wherever the archive says", "write", "host")];
    const folders = switches
      .filter((word) => /^-o./.test(textOf(word)))
      .map((word) => literalOrOpen(word, 2));
    return [...unpacks(call, folders), ...readAll(call, operands.slice(0, 1))];
  }
  if (/^(a|u|d|rn)$/.test(verb) && !switches.some((word) => /^-(sdel|w.+)/.test(textOf(word))))
    return [
      ...changes(call, "packs"),
      ...writeAll(call, operands.slice(0, 1)),
      ...(/^[au]$/.test(verb) ? operands.slice(1).flatMap((word) => judgeReadTree(call.place, word)) : []),
    ];
  return [explicit(call, "", "is not known to be harmless", "unknown", "none")];
}

function literalOrOpen(word: Word, count: number): Word {
  return word.value === null
    ? { ...word, pieces: [{ kind: "unknown" }] }
    : literalWord(word.value.slice(count));
}

function judgeRar(call: Call): Finding[] {
  const verb = textOf(call.args[0]);
  const rest = call.args.slice(1).filter((word) => !textOf(word).startsWith("-"));
  const isOpen = call.args.some((word) => word.value === null);
  const odd = call.args.some((word) =>
    /^-(df|dr|ilog|log|sfx|z|w|ad|ap|ep3|m[^0-5]|tk|cfg)/.test(textOf(word)),
  );
  if (!isOpen && !odd && /^(l|lt|lta|lb|v|vt|vta|vb|t|p)$/.test(verb))
    return [harmless(`${call.rule}.list`, "only lists"), ...readAll(call, rest.slice(0, 1))];
  if (!isOpen && !odd && /^[xe]$/.test(verb)) {
    const last = rest.at(-1);
    const folder = rest.length > 1 && last !== undefined && textOf(last).endsWith("/") ? [last] : [];
    // A last word without a slash is a member or a folder: both are looked at.
    const doubtful = rest.length > 1 && folder.length === 0 ? writeAll(call, rest.slice(1)) : [];
    return [...unpacks(call, folder), ...doubtful, ...readAll(call, rest.slice(0, 1))];
  }
  if (!isOpen && !odd && verb === "a")
    return [
      ...changes(call, "packs"),
      ...writeAll(call, rest.slice(0, 1)),
      ...rest.slice(1).flatMap((word) => judgeReadTree(call.place, word)),
    ];
  return [explicit(call, "", "writes wherever the archive says", "write", "host")];
}

function judgeCpio(call: Call): Finding[] {
  const { scan } = call;
  const from = readAll(call, valuesOf(scan, "I"));
  const named = valuesOf(scan, "F", "file");
  if ([...named, ...valuesOf(scan, "I")].some((word) => /^[^/]*:/.test(textOf(word))))
    return [explicit(call, "remote", "names an archive on another machine", "network-send", "remote")];
  if (has(scan, "t", "list")) return [harmless("cpio.list", "only lists"), ...from, ...readAll(call, named)];
  if (has(scan, "o", "create"))
    return [harmless("cpio.create", "packs what it is told"), ...writeAll(call, named)];
  if (has(scan, "i", "extract") && has(scan, "to-stdout")) return [harmless("cpio.print"), ...from];
  if (has(scan, "i", "extract") && has(scan, "no-absolute-filenames"))
    return [...unpacks(call, valuesOf(scan, "D", "directory")), ...from, ...readAll(call, named)];
  return [explicit(call, "", "writes wherever the archive says", "write", "host")];
}

function judgeCompress(call: Call): Finding[] {
  const { scan } = call;
  const files = scan.operands;
  const toOutput =
    has(scan, "c", "stdout", "to-stdout", "l", "list", "t", "test") ||
    files.length === 0 ||
    files.every((word) => word.value === "-");
  const outputs = valuesOf(scan, "o", "output");
  if (toOutput && outputs.length === 0) return [harmless(call.rule, "transforms"), ...readAll(call, files)];
  if (has(scan, "b") && /^(zstd|lz4)/.test(call.rule))
    return [harmless(call.rule, "measures"), ...readAll(call, files)];
  if (has(scan, "r", "recursive"))
    return [explicit(call, "recursive", "replaces every file below a folder", "write", "worktree")];
  return [
    finding("brief", call.rule, "packs or unpacks a file", [effect("write", "files", "worktree")]),
    ...readAll(call, files),
    ...(outputs.length > 0 ? writeAll(call, outputs) : writeAll(call, files)),
  ];
}
