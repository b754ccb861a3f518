import { literalWord, type Word } from "../parsed-command.ts";
import { judgeReadTree } from "../paths.ts";
import { find } from "./find.ts";
import { type Finding, harmless } from "./finding.ts";
import { leadingText, optionSpec, type Scan, scanOptions } from "./options.ts";
import { type Call, explicit, has, named, type Row, readAll, type Table, textOf, valuesOf } from "./row.ts";
import { placeIn } from "./wrappers.ts";

const grepOptions = optionSpec(
  "# E F G P X e= f= i y v w x c L l m= o q s b H h label= n T Z A= B= C= a D= d= I r R z U u V O S p extended-regexp fixed-strings basic-regexp perl-regexp regexp= file= ignore-case no-ignore-case invert-match word-regexp line-regexp count color=? colour=? files-without-match files-with-matches max-count= only-matching quiet silent no-messages byte-offset with-filename no-filename line-number initial-tab null after-context= before-context= context= text binary-files= devices= directories= exclude= exclude-from= exclude-dir= include= include-dir= recursive dereference-recursive line-buffered binary null-data unix-byte-offsets group-separator= no-group-separator context=?",
);
// Not here: --pre and --hostname-bin start programs.
const rgOptions =
  "# A= B= C= E= F H I L M= N P S T= U a after-context= auto-hybrid-regex before-context= binary block-buffered b byte-offset s case-sensitive color= colors= column context= context-separator= c count count-matches crlf debug trace d= max-depth= maxdepth= encoding= engine= e= regexp= f= file= files l files-with-matches files-without-match field-context-separator= field-match-separator= fixed-strings follow g= glob= glob-case-insensitive heading help h . hidden hyperlink-format= iglob= i ignore-case ignore ignore-dot ignore-exclude ignore-files ignore-global ignore-parent ignore-vcs ignore-messages ignore-file= ignore-file-case-insensitive include-zero v invert-match json line-buffered n line-number x line-regexp max-columns= max-columns-preview m= max-count= max-filesize= messages mmap multiline multiline-dotall no-column no-config no-context-separator no-crlf no-encoding no-filename no-fixed-strings no-follow no-glob-case-insensitive no-heading no-hidden no-ignore no-ignore-dot no-ignore-exclude no-ignore-files no-ignore-global no-ignore-vcs no-ignore-parent no-ignore-messages no-invert-match no-json no-line-number no-max-columns-preview no-messages no-mmap no-multiline no-multiline-dotall no-one-file-system no-pcre2 no-require-git no-pcre2-unicode no-search-zip no-sort-files no-stats no-text no-trim no-unicode one-file-system o only-matching passthru passthrough path-separator= pcre2 pcre2-version pcre2-unicode p pretty q quiet r= replace= regex-size-limit= dfa-size-limit= require-git R z search-zip smart-case sort= sortr= sort-files stats stop-on-nonmatch text t= type= type-list type-not= type-add= type-clear= u unrestricted unicode V version vimgrep w word-regexp with-filename 0 null null-data trim j= threads= generate=";
// Not here: --pager.
const agOptions =
  "# i v w l L c n H h Q F A=? B=? C=? r R G= g= o s S u U a f p= z 0 W= m= t D search-files hidden nocolor color nogroup group nobreak break noheading heading nofilename filename noaffinity column count depth= files-with-matches files-without-matches file-search-regex= filename-pattern= fixed-strings follow ignore= ignore-case ignore-dir= invert-match line-numbers literal max-count= multiline nomultiline nonumbers numbers null one-device only-matching passthrough passthru path-to-ignore= print-all-files print-long-lines print0 recurse norecurse search-binary search-zip silent skip-vcs-ignores smart-case stats stats-only case-sensitive unrestricted vimgrep width= word-regexp workers= after= before= context= all-text all-types list-file-types actionscript ada asm batch cc cpp csharp css elixir elm erlang fortran go haml haskell html ini java js json jsp julia kotlin less lisp lua make markdown matlab md objc ocaml perl php proto puppet python r rake ruby rust salt sass scala scheme shell sql swift tex ts tt vb vim vue wix xml yaml yml";
// Not here: --pager, --output, --ackrc, --create-ackrc.
const ackOptions =
  "# A= B= C= c count color nocolor colour nocolour column nocolumn break nobreak f files-from= x flush follow nofollow g group nogroup H with-filename h no-filename heading noheading help i ignore-case I no-ignore-case ignore-dir= noignore-dir= ignore-directory= ignore-file= no-recurse k known-types L files-without-matches l files-with-matches Q literal lines= m= max-count= match= n no-recurse o only-matching passthru print0 R r recurse s S smart-case no-smart-case show-types sort-files t= type= T= type-add= type-set= type-del= types v invert-match version w word-regexp 1 p=? proximate=? bar env noenv underline nounderline and= or= not= range-start= range-end= perl python ruby js ts go rust java php html css shell yaml json xml cc cpp sql markdown make noperl nopython nojs nohtml";
// Not here: --filter, --pager, --view, --config and --save-config, -Q.
const ugrepOptions =
  "# A= B= C= E F G P Z=? e= f= f i j v w x c L l m= o q s b H h n T a D= d= I r R u U W X z 0 . K= M= N= O= g= t= k y Y ? S p 3 4 5 9 color=? colors= colour=? tag=? column-number no-column-number count decompress depth= max-depth= min-depth= dereference dereference-recursive exclude= exclude-dir= exclude-from= exclude-fs= include= include-dir= include-from= include-fs= file-extension= file-magic= file-type= files all and= andnot not= or= any-line bool best-match=? fuzzy=? fixed-strings extended-regexp basic-regexp perl-regexp regexp= file= files-with-matches files-without-match glob= iglob= glob-ignore-case heading no-heading hidden no-hidden hex hexdump=? ignore-binary ignore-case ignore-files=? no-ignore-files initial-tab invert-match json xml csv cpp jobs= line-buffered line-number no-line-number line-regexp lines match max-count= max-files= min-count= max-line= min-line= mmap=? no-messages null null-data only-line-number only-matching passthru pretty=? quiet silent range= recursive no-dereference replace= separator=? smart-case sort=? stats=? sub-syntax tabs= text tree type= width=? with-filename no-filename with-hex without-match word-regexp zmax= unicode no-empty empty dotall encoding= free-space delay= format=";

/** Looking for files and in files. */
export const search = (): Table => ({
  // No option of grep writes or starts anything: even one that is not known only searches.
  ...named(
    "grep egrep fgrep zgrep zegrep zfgrep bzgrep xzgrep lzgrep zstdgrep rgrep pcregrep pcre2grep ggrep",
    {
      options: "any",
      plain: true,
      judge: (call) => {
        const scan = scanOptions(call.args, grepOptions, "gnu");
        // An abbreviation that is not known here may be that of --recursive.
        const isDeep =
          call.rule === "rgrep" ||
          /^--(r|der|di)/.test(scan.unknown ?? "") ||
          has(scan, "r", "R", "recursive", "dereference-recursive", "directories", "d");
        // Where an option is not known, any word may be a file.
        const files = scan.unknown === null ? filesOf(scan) : call.args.filter((word) => !word.splits);
        return searched(call, scan, files, isDeep);
      },
    },
  ),
  ...named("rg ripgrep", searchRow(rgOptions)),
  ag: searchRow(agOptions),
  ...named("ack ack-grep", searchRow(ackOptions)),
  ...named("ugrep ug", searchRow(ugrepOptions)),
  ...named("fd fdfind", { options: "any", wraps: true, plain: true, judge: judgeFd }),
  ...named("locate plocate mlocate", {
    options: "any",
    plain: true,
    judge: (call) => [harmless(call.rule, "looks names up")],
  }),
  find,
  gfind: find,
});

function searchRow(options: string): Row {
  return {
    options,
    plain: true,
    judge: (call) => searched(call, call.scan, filesOf(call.scan), true),
  };
}

/** Operands without the pattern. */
function filesOf(scan: Scan): readonly Word[] {
  const hasPattern = has(scan, "e", "f", "regexp", "file", "files", "type-list", "g", "match");
  return scan.operands.slice(
    hasPattern && !(has(scan, "g") && !has(scan, "e", "f", "regexp", "file", "files")) ? 0 : 1,
  );
}

function searched(call: Call, scan: Scan, files: readonly Word[], isDeep: boolean): Finding[] {
  const pattern = [...valuesOf(scan, "e", "regexp"), ...scan.operands][0];
  return [
    harmless(call.rule, "searches text"),
    ...(isDeep ? files.flatMap((word) => judgeReadTree(call.place, word)) : readAll(call, files)),
    ...readAll(
      call,
      valuesOf(
        scan,
        "f",
        "file",
        "exclude-from",
        "include-from",
        "ignore-file",
        "files-from",
        "path-to-ignore",
      ),
    ),
    // `-g .env` chooses the one file.
    ...readAll(
      call,
      valuesOf(scan, "include", "g", "glob", "iglob").filter((word) => !textOf(word).startsWith("!")),
    ).filter((one) => one.tier !== "none"),
    ...searchesEnvironment(call, textOf(pattern)),
  ];
}

const dumps = new Set(["env", "printenv", "set", "export", "declare"]);

/** Looking for credentials in a printed environment, however many commands lie between. */
export function searchesEnvironment(call: Call, pattern: string): Finding[] {
  if (call.stdin.kind !== "pipe") return [];
  const isDump = call.stdin.upstream.some((words) => dumps.has(textOf(words[0])) && words.length <= 2);
  if (!isDump || !/tok|sec|pass|pw|key|cred|auth|cookie|\.|^$/i.test(pattern)) return [];
  return [
    explicit(
      { rule: "environment" },
      "secrets",
      "searches the environment for credentials",
      "credential-read",
      "none",
    ),
  ];
}

const fdOptions = optionSpec(
  "H hidden no-hidden I no-ignore ignore no-ignore-vcs ignore-vcs no-ignore-parent no-global-ignore-file no-require-git require-git u unrestricted s case-sensitive i ignore-case g glob regex F fixed-strings and= a absolute-path relative-path l list-details L follow no-follow p full-path 0 print0 d= max-depth= maxdepth= min-depth= exact-depth= E= exclude= ignore-file= t= type= e= extension= S= size= changed-within= change-newer-than= newer= changed-after= changed-before= change-older-than= older= o= owner= format= c= color= hyperlink=? j= threads= max-buffer-time= max-results= 1 q quiet has-results show-errors base-directory= C= path-separator= search-path= strip-cwd-prefix=? one-file-system mount xdev prune batch-size= gen-completions=? h help V version",
);

function judgeFd(call: Call): Finding[] {
  const at = call.args.findIndex((word) => /^(-[a-zA-Z0-9]*[xX]|--exec(-batch)?)$/.test(word.value ?? ""));
  const attached = call.args.some(
    (word) => /^(--exec|-[xX].)/.test(leadingText(word)) && !/^(--exec(-batch)?)$/.test(word.value ?? ""),
  );
  if (attached) return [explicit(call, "exec", "runs a command for what it finds", "execute-opaque", "none")];
  const flag = call.args[at]?.value ?? "";
  const own =
    at === -1
      ? call.args
      : [...call.args.slice(0, at), ...(/^-[^-]./.test(flag) ? [literalWord(flag.slice(0, -1))] : [])];
  const scan = scanOptions(own, fdOptions, "gnu");
  if (scan.unknown !== null || scan.open !== null)
    return [explicit(call, "option", `${scan.unknown ?? scan.open?.text} is not known`, "unknown", "none")];
  const folders = [...scan.operands.slice(1), ...valuesOf(scan, "search-path", "base-directory")];
  const found = [harmless(call.rule, "finds names"), ...readAll(call, folders)];
  if (at === -1) return found;
  const rest = call.args.slice(at + 1);
  const end = rest.findIndex((word) => word.value === ";");
  const inner = end === -1 ? rest : rest.slice(0, end);
  const isFilled = inner.some((word) => /\{(\/{0,2}|\/?\.)\}/.test(word.value ?? ""));
  // fd puts `./` before what it hands over, so that it is never an option.
  const words = isFilled ? inner.map(fillFound) : [...inner, foundName];
  const place = placeIn(call.place, valuesOf(scan, "base-directory", "C"));
  return [
    ...found,
    ...call.nested(words, place),
    ...folders.flatMap((word) => judgeReadTree(call.place, word)),
  ];
}

const foundName: Word = {
  text: "{}",
  pieces: [{ kind: "text", text: "./" }, { kind: "unknown" }],
  value: null,
  splits: false,
};

function fillFound(word: Word): Word {
  const parts = word.value?.split(/\{(?:\/{0,2}|\/?\.)\}/) ?? [];
  if (parts.length < 2) return word;
  const [first, ...rest] = parts;
  const pieces: Word["pieces"] = [
    { kind: "text", text: `${first === "" ? "./" : first}` },
    ...rest.flatMap((text) => [{ kind: "unknown" as const }, { kind: "text" as const, text }]),
  ];
  return {
    text: word.text,
    pieces: pieces.filter((piece) => piece.kind !== "text" || piece.text !== ""),
    value: null,
    splits: false,
  };
}
