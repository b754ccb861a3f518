import { literalWord, type Word } from "../parsed-command.ts";
import { judgeWrite } from "../paths.ts";
import { type Finding, harmless } from "./finding.ts";
import { type Call, explicit, has, named, readAll, type Table, textOf, valuesOf, writeAll } from "./row.ts";

const jqOptions =
  "r raw-output R raw-input n null-input c compact-output s slurp S sort-keys e exit-status j join-output a ascii-output C color-output M monochrome-output tab indent= f= from-file= stream seq unbuffered args jsonargs arg= argjson= slurpfile= rawfile= L= V";

/** Tools whose argument is a small program that may read, write or run things itself. */
export const textPrograms: Table = {
  ...named("sed gsed", {
    options:
      "n quiet silent E r regexp-extended e= expression= f= file= i=? in-place=? s separate z null-data u unbuffered l= posix sandbox debug",
    plain: true,
    judge: judgeSed,
  }),
  ...named("awk gawk mawk nawk", {
    options: "F= field-separator= v= assign= f= file= P O N n t S sandbox posix",
    style: "first",
    plain: true,
    judge: judgeAwk,
  }),
  jq: { options: jqOptions, judge: (call) => judgeJq(call, 1) },
  ...named("jaq gojq", { options: jqOptions, judge: (call) => judgeJq(call, 1) }),
  yq: {
    options:
      "r raw-output unwrapScalar n null-input c compact-output C colors M no-colors P prettyPrint p= input-format= o= output-format= e exit-status j tojson I= indent= N no-doc i inplace y yaml-output S sort-keys",
    judge: (call) =>
      has(call.scan, "i", "inplace")
        ? [...judgeJq(call, 1), ...writeAll(call, call.scan.operands.slice(1))]
        : judgeJq(call, 1),
  },
  ...named(
    "perl ruby php lua Rscript julia osascript tclsh swift scala groovy clojure ghci jshell irb pry pwsh powershell",
    { options: "any", wraps: true, judge: judgeInterpreter },
  ),
};

function judgeSed(call: Call): Finding[] {
  const scripts = valuesOf(call.scan, "e", "expression");
  const hasScript = scripts.length > 0 || has(call.scan, "f", "file");
  const programs = hasScript ? scripts : call.scan.operands.slice(0, 1);
  const files = call.scan.operands.slice(hasScript ? 0 : 1);
  const found: Finding[] = [harmless(call.rule, "edits text as it passes"), ...readAll(call, files)];
  if (has(call.scan, "f", "file"))
    found.push(
      explicit(call, "script", "runs a sed script the gate does not read", "execute-opaque", "none"),
    );
  for (const program of programs) found.push(...judgeSedProgram(call, program));
  if (has(call.scan, "i", "in-place")) found.push(...writeAll(call, files));
  return found;
}

/** `w`, `r` and `e` are commands of sed and flags of its `s`. What is not plainly simple is asked about. */
function judgeSedProgram(call: Call, program: Word): Finding[] {
  if (program.value === null) {
    return [explicit(call, "computed", "a value becomes part of a sed program", "execute-opaque", "none")];
  }
  const found: Finding[] = [];
  for (const line of program.value.split("\n")) {
    for (const part of splitSed(line)) {
      const write = /^(?:[^a-zA-Z]*|.*[^\w])w\s+(\S+)$/.exec(part.flags);
      if (part.kind === "substitution" && /^[gpiIMm\d]*$/.test(part.flags)) continue;
      if (part.kind === "substitution" && /^[gpiIm\d]*w\s*(\S+)$/.test(part.flags)) {
        found.push(...judgeWrite(call.place, literalWord(/w\s*(\S+)$/.exec(part.flags)?.[1] ?? "")));
        continue;
      }
      if (
        part.kind === "command" &&
        /^[{}]*\s*([pdDqQnNgGhHxlPFz={}]*|[qQl]\s*\d*|[bt:]\s*\w*|y(.).*)\s*[{}]*$/.test(part.flags)
      )
        continue;
      if (part.kind === "command" && /^[aic]\\?(\s|\w|$)/.test(part.flags)) continue;
      if (part.kind === "command" && /^w\s*\S+$/.test(part.flags)) {
        found.push(...judgeWrite(call.place, literalWord(part.flags.replace(/^w\s*/, ""))));
        continue;
      }
      if (part.kind === "command" && /^r\s+\S+$/.test(part.flags)) {
        found.push(...readAll(call, [literalWord(part.flags.replace(/^r\s+/, ""))]));
        continue;
      }
      found.push(
        explicit(
          call,
          "program",
          `${write?.[1] ?? part.flags} in a sed program is not known to be harmless`,
          "execute-opaque",
          "none",
        ),
      );
    }
  }
  return found;
}

type SedPart = { kind: "substitution" | "command"; flags: string };

function splitSed(line: string): SedPart[] {
  const parts: SedPart[] = [];
  let rest = line.trim();
  while (rest !== "") {
    rest = rest.replace(/^[;\s{}]+/, "");
    if (rest === "" || rest.startsWith("#")) break;
    const address =
      /^(\d+|\$|\/(\\.|[^\\/])*\/[IM]*|\\(.)(.*?)\3)(~\d+)?(\s*,\s*[+~]?(\d+|\$|\/(\\.|[^\\/])*\/[IM]*))?\s*!?\s*/.exec(
        rest,
      );
    if (address !== null) rest = rest.slice(address[0].length).replace(/^[{\s]+/, "");
    if (/^[sy]/.test(rest)) {
      const taken = takeSubstitution(rest);
      if (taken === null) return [...parts, { kind: "command", flags: rest }];
      parts.push({ kind: "substitution", flags: taken.flags });
      rest = taken.rest;
      continue;
    }
    // Text and file names run to the end of the line.
    const isLong = /^[aicrRwWe]/.test(rest);
    const end = isLong ? rest.length : (rest.search(/[;}]/) + rest.length + 1) % (rest.length + 1);
    parts.push({ kind: "command", flags: rest.slice(0, end === 0 && !isLong ? rest.length : end).trim() });
    rest = end === 0 && !isLong ? "" : rest.slice(end);
  }
  return parts;
}

function takeSubstitution(text: string): { flags: string; rest: string } | null {
  const delimiter = text.charAt(1);
  if (delimiter === "" || /[\w\s\\]/.test(delimiter)) return null;
  let seen = 0;
  for (let index = 2; index < text.length; index += 1) {
    const letter = text.charAt(index);
    // GNU sed ends at the delimiter inside brackets too.
    if (letter === "\\") index += 1;
    else if (letter === delimiter) {
      seen += 1;
      if (seen === 2) {
        const tail = /^([^;}\n]*)(.*)$/s.exec(text.slice(index + 1));
        const flags = (tail?.[1] ?? "").trim();
        return /[wWe]/.test(flags)
          ? { flags: text.slice(index + 1).trim(), rest: "" }
          : { flags, rest: tail?.[2] ?? "" };
      }
    }
  }
  return null;
}

function judgeAwk(call: Call): Finding[] {
  const hasFile = has(call.scan, "f", "file");
  const program = hasFile ? undefined : call.scan.operands[0];
  const files = call.scan.operands.slice(hasFile ? 0 : 1);
  const found: Finding[] = [
    harmless(call.rule, "transforms text"),
    ...readAll(
      call,
      files.filter((word) => !/^\w+=/.test(textOf(word))),
    ),
  ];
  if (hasFile) return [...found, ...valuesOf(call.scan, "f", "file").flatMap((word) => call.file(word))];
  if (program === undefined) return found;
  if (program.value === null)
    return [
      ...found,
      explicit(call, "computed", "an awk program that is only known at run time", "execute-opaque", "none"),
    ];
  const text = program.value;
  // No attempt is made to tell strings and patterns from code: that would be a way to hide code in them.
  const written = text.slice(Math.max(0, text.search(/\bprint/)));
  const prints = /\bprint/.test(text);
  const pipes = prints && /\|/.test(written.replaceAll("||", ""));
  if (pipes || /system|getline|ENVIRON|PROCINFO|ARGV|\/inet|@|extension|\|\s*&|\|\s*"/.test(text)) {
    return [
      ...found,
      explicit(call, "acts", "the awk program can run commands or read elsewhere", "execute-opaque", "none"),
    ];
  }
  if (!prints) return found;
  for (const redirection of written.matchAll(/>+([^>]*)/g)) {
    const target = /^\s*"([^"\\]+)"\s*([;}\n]|$)/.exec(redirection[1] ?? "");
    if (target?.[1] === undefined) {
      return [
        ...found,
        explicit(call, "writes", "the awk program writes to a computed file", "write", "host"),
      ];
    }
    found.push(...judgeWrite(call.place, literalWord(target[1])));
  }
  return found;
}

function judgeJq(call: Call, skip: number): Finding[] {
  const fromFile = has(call.scan, "f", "from-file");
  const program = call.scan.operands[0];
  // --arg and its kin take two words; the second was left among the operands.
  const extra = ["arg", "argjson", "slurpfile", "rawfile"].reduce(
    (count, name) => count + valuesOf(call.scan, name).length,
    0,
  );
  const files = call.scan.operands.slice(fromFile ? 0 : skip);
  const found: Finding[] = [
    harmless(call.rule, "transforms JSON"),
    ...readAll(call, files),
    ...readAll(call, valuesOf(call.scan, "f", "from-file")),
  ];
  const programs = fromFile ? [] : extra > 0 ? call.scan.operands : program === undefined ? [] : [program];
  for (const each of programs) {
    const text = each.pieces.map((piece) => (piece.kind === "text" ? piece.text : " env ")).join("");
    if (
      /\benv\b|\$ENV|strenv|envsubst|\binput_filename\b|\bget_search_list\b|\b(import|include)\b|\bload\b|strload|\bsystem\b/.test(
        text,
      )
    ) {
      found.push(
        explicit(
          call,
          "environment",
          "the filter can read the environment or other files",
          "credential-read",
          "none",
        ),
      );
    }
  }
  return found;
}

/** A script of the worktree is the project's own code; text on the command line or on stdin is opaque. */
function judgeInterpreter(call: Call): Finding[] {
  const [first] = call.args;
  if (first === undefined)
    return [
      explicit(call, "session", "an interpreter that reads code from its input", "execute-opaque", "none"),
    ];
  if (call.args.length === 1 && /^(--version|-v|-V|-help|--help)$/.test(first.value ?? ""))
    return [harmless(call.rule, "prints its version")];
  if (first.value === null || textOf(first).startsWith("-")) {
    return [explicit(call, "inline", "runs code given on the command line", "execute-opaque", "none")];
  }
  return call.file(first);
}
