import { suppliedWord, type Word } from "../parsed-command.ts";
import { isInWorktree, judgeRead, judgeReadTree } from "../paths.ts";
import { type Finding, harmless } from "./finding.ts";
import { leadingText } from "./options.ts";
import { type Call, explicit, type Row, textOf, writeAll } from "./row.ts";

const harmlessTests =
  /^-(a?newer\w*|[acmB]min|[acmB]time|[acmB]newer|files0-from|xattrname|flags|since|name|iname|path|ipath|wholename|iwholename|regex|iregex|lname|ilname|type|xtype|size|user|group|uid|gid|perm|links|inum|samefile|fstype|maxdepth|mindepth|printf|regextype|used|D|context)$/;
const harmlessWords =
  /^(-(print0?|ls|depth|d|mount|xdev|follow|H|L|P|O\d|empty|executable|readable|writable|not|and|a|or|o|prune|quit|true|false|nouser|nogroup|daystart|noleaf|warn|nowarn|ignore_readdir_race|s|E|x)|[()!,])$/;
/** Commands that show nothing of what is in a file. */
const onlyLooks = new Set(
  "ls stat du echo printf basename dirname realpath readlink test [ namei lsattr getfacl true".split(" "),
);
const execs = new Set(["-exec", "-execdir", "-ok", "-okdir"]);

/** find is an expression language: each primary is read, none is skipped. */
export const find: Row = { options: "any", wraps: true, plain: true, judge: judgeFind };

function judgeFind(call: Call): Finding[] {
  const { args } = call;
  const found: Finding[] = [harmless(call.rule, "finds names")];
  const starts: Word[] = [];
  const follows = args.some((word) => /^(-[HP]*L[HLPEXdsx]*|-follow)$/.test(word.value ?? ""));
  let runs = false;
  let index = 0;
  while (/^-([HLPEXdsx]+|O\d+|D)$/.test(args[index]?.value ?? ""))
    index += args[index]?.value === "-D" ? 2 : 1;
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
      const looks = onlyLooks.has((inner[0]?.value ?? "").replace(/^.*\//, ""));
      const nested = call.nested(inner.map((each) => supplied(each, starts)));
      // In the folder of each find: outside, where a starting point or a followed link leads there.
      const leaves = follows || starts.some((each) => !isInWorktree(call.place, each));
      if (/dir$/.test(word.value) && leaves && nested.some((one) => one.tier !== "none"))
        found.push(explicit(call, "outside", "acts in folders outside the worktree", "write", "host"));
      // A name that is shown gives nothing of the file away.
      found.push(...(looks ? nested.filter((one) => one.rule !== "read.secret") : nested));
      runs ||= !looks;
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
