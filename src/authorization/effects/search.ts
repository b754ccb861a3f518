import { suppliedWord, type Word } from "../parsed-command.ts";
import { judgeRead, judgeReadTree } from "../paths.ts";
import { type Finding, harmless } from "./finding.ts";
import { leadingText } from "./options.ts";
import {
  type Call,
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

const grepOptions =
  "# E F G P e= f= i y v w x c L l m= o q s b H h label= n T Z A= B= C= a D= d= I r R U z u extended-regexp fixed-strings basic-regexp perl-regexp regexp= file= ignore-case no-ignore-case invert-match word-regexp line-regexp count color=? colour=? files-without-match files-with-matches max-count= only-matching quiet silent no-messages byte-offset with-filename no-filename line-number initial-tab null after-context= before-context= context= text binary-files= devices= directories= exclude= exclude-from= exclude-dir= include= recursive dereference-recursive line-buffered binary null-data";
const rgOptions =
  "# A= B= C= E= F H I L M= N P S T= U a after-context= auto-hybrid-regex before-context= binary block-buffered b byte-offset s case-sensitive color= colors= column context= context-separator= c count count-matches crlf debug d= max-depth= encoding= e= regexp= f= file= files l files-with-matches files-without-match fixed-strings follow g= glob= glob-case-insensitive heading help . hidden iglob= i ignore-case ignore-file= include-zero v invert-match json line-buffered n line-number x line-regexp max-columns= max-columns-preview m= max-count= max-filesize= mmap multiline multiline-dotall no-config no-filename no-heading no-hidden no-ignore no-ignore-vcs no-ignore-parent no-line-number no-messages o only-matching passthru pcre2 p pretty q quiet r= replace= R smart-case sort= sortr= stats text t= type= type-list type-not= u unrestricted V vimgrep w word-regexp with-filename 0 null trim j= threads=";

/** Looking for files and in files. */
export const search: Table = {
  ...named(
    "grep egrep fgrep zgrep bzgrep xzgrep rgrep",
    grepRow(grepOptions, (call) => has(call.scan, "r", "R", "recursive", "dereference-recursive")),
  ),
  ...named(
    "rg ripgrep",
    grepRow(rgOptions, () => true),
  ),
  ...named(
    "ag",
    grepRow(
      "# i v w l L c n H h Q F A= B= C= r R G= g= o s S u a hidden nocolor nogroup ignore= literal word-regexp files-with-matches count js ts py",
      () => true,
    ),
  ),
  ...named("fd fdfind", {
    options:
      "H hidden I no-ignore u unrestricted s case-sensitive i ignore-case g glob F fixed-strings a absolute-path l list-details L follow p full-path 0 print0 d= max-depth= min-depth= exact-depth= E= exclude= t= type= e= extension= S= size= changed-within= changed-before= o= owner= c= color= j= threads= max-results= 1 q quiet prune x= exec= X= exec-batch=",
    judge: (call) => fdJudge(call),
  }),
  ...named("locate plocate mlocate", {
    options: "any",
    plain: true,
    judge: (call) => [harmless(call.rule, "looks names up")],
  }),
  find: { options: "any", wraps: true, plain: true, judge: judgeFind },
};

function grepRow(options: string, isDeep: (call: Call) => boolean): Row {
  return {
    options,
    plain: true,
    judge: (call) => {
      const hasPattern = has(call.scan, "e", "f", "regexp", "file", "files", "type-list", "g");
      const files = call.scan.operands.slice(hasPattern ? 0 : 1);
      const found = isDeep(call)
        ? files.flatMap((word) => judgeReadTree(call.place, word))
        : readAll(call, files);
      return [
        harmless(call.rule, "searches text"),
        ...found,
        ...readAll(call, valuesOf(call.scan, "f", "file", "exclude-from", "ignore-file")),
        ...dump(call),
      ];
    },
  };
}

/** Searching a printed environment for credentials. */
function dump(call: Call): Finding[] {
  if (call.stdin.kind !== "pipe") return [];
  const first = textOf(call.stdin.words[0]);
  const pattern = textOf([...valuesOf(call.scan, "e", "regexp"), ...call.scan.operands][0]);
  const isDump =
    ["env", "printenv", "set", "export", "declare"].includes(first) && call.stdin.words.length <= 2;
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

function fdJudge(call: Call): Finding[] {
  if (has(call.scan, "x", "X", "exec", "exec-batch"))
    return [explicit(call, "exec", "runs a command for what it finds", "execute-opaque", "none")];
  return [harmless(call.rule, "finds names"), ...readAll(call, call.scan.operands.slice(1))];
}

const harmlessTests =
  /^-(a?newer\w*|[acm]min|[acm]time|name|iname|path|ipath|wholename|iwholename|regex|iregex|lname|ilname|type|xtype|size|user|group|uid|gid|perm|links|inum|samefile|fstype|maxdepth|mindepth|printf|regextype|used|D|context)$/;
const harmlessWords =
  /^(-(print0?|ls|depth|d|mount|xdev|follow|H|L|P|O\d|empty|executable|readable|writable|not|and|a|or|o|prune|quit|true|false|nouser|nogroup|daystart|noleaf|warn|nowarn|ignore_readdir_race|s|E|x)|[()!,])$/;
const execs = new Set(["-exec", "-execdir", "-ok", "-okdir"]);

/** find is an expression language: each primary is read, none is skipped. */
function judgeFind(call: Call): Finding[] {
  const { args } = call;
  const found: Finding[] = [harmless(call.rule, "finds names")];
  const starts: Word[] = [];
  let runs = false;
  let index = 0;
  while (
    args[index] !== undefined &&
    !/^([-(!]|$)/.test(leadingText(args[index] ?? suppliedWord)) &&
    args[index]?.splits === false
  ) {
    const word = args[index];
    if (word !== undefined) starts.push(word);
    index += 1;
  }
  for (; index < args.length; index += 1) {
    const word = args[index];
    if (word === undefined) break;
    if (word.value === null) {
      found.push(
        explicit(call, "computed", `${word.text} may be any part of a find expression`, "unknown", "none"),
      );
      continue;
    }
    if (harmlessWords.test(word.value)) continue;
    if (harmlessTests.test(word.value)) {
      index += 1;
      if (args[index]?.splits === true)
        found.push(explicit(call, "computed", "may hold any part of a find expression", "unknown", "none"));
      continue;
    }
    if (execs.has(word.value)) {
      const end = args.findIndex(
        (each, at) =>
          at > index && (each.value === ";" || (each.value === "+" && args[at - 1]?.value === "{}")),
      );
      const inner = args.slice(index + 1, end === -1 ? args.length : end);
      found.push(...call.nested(inner.map((each) => supplied(each, starts))));
      runs = true;
      index = end === -1 ? args.length : end;
      continue;
    }
    if (/^-f(ls|print0?|printf)$/.test(word.value)) {
      const target = args[index + 1];
      if (target !== undefined) found.push(...writeAll(call, [target]));
      index += word.value === "-fprintf" ? 2 : 1;
      continue;
    }
    const isDelete = word.value === "-delete";
    const kind = isDelete ? "delete" : "unknown";
    found.push(
      explicit(
        call,
        isDelete ? "delete" : "unknown",
        isDelete ? "deletes everything it finds" : `${word.value} is not known to be harmless`,
        kind,
        "worktree",
        starts.map(textOf).join(" "),
      ),
    );
  }
  if (!runs) return [...found, ...starts.flatMap((word) => judgeRead(call.place, word))];
  const secrets = args
    .flatMap((word) => judgeRead(call.place, word))
    .filter((one) => one.rule === "read.secret");
  return [...found, ...secrets, ...starts.flatMap((word) => judgeReadTree(call.place, word))];
}

/** What find puts in place of `{}`: it begins with a starting point, so that it is no option unless that is one. */
function supplied(word: Word, starts: readonly Word[]): Word {
  const [head, ...tails] = word.value?.split("{}") ?? [];
  if (head === undefined || tails.length === 0) return word;
  const found: Word["pieces"] = [
    { kind: "text", text: `${starts.length === 1 ? (starts[0]?.value ?? ".") : "."}/` },
    { kind: "unknown" },
  ];
  const pieces = [
    { kind: "text" as const, text: head },
    ...tails.flatMap((text) => [...found, { kind: "text" as const, text }]),
  ];
  return {
    text: word.text,
    pieces: pieces.filter((piece) => piece.kind !== "text" || piece.text !== ""),
    value: null,
    splits: false,
  };
}
