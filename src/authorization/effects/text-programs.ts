import { literalWord, type Word } from "../parsed-command.ts";
import { judgeWrite } from "../paths.ts";
import { readAwkProgram } from "./awk-program.ts";
import { isSecretName } from "./coreutils.ts";
import { type Finding, harmless } from "./finding.ts";
import { jq, yq } from "./json-tools.ts";
import { leadingText } from "./options.ts";
import { type Call, explicit, has, named, readAll, type Table, textOf, valuesOf, writeAll } from "./row.ts";
import { searchesEnvironment } from "./search.ts";
import { readSedProgram } from "./sed-program.ts";

/** Tools whose argument is a small program that may read, write or run things itself. */
export const textPrograms = (): Table => ({
  ...named("sed gsed", {
    options:
      "n quiet silent E r regexp-extended e= expression= f= file= i=? in-place=? s separate z null-data zero-terminated u unbuffered l= line-length= posix sandbox debug b binary follow-symlinks",
    plain: true,
    judge: judgeSed,
  }),
  ...named("awk gawk mawk nawk", {
    options:
      "F= field-separator= v= assign= f= file= e= source= i= include= P O N n t S b k c r M C V L=? sandbox posix traditional re-interval bignum characters-as-bytes csv use-lc-numeric non-decimal-data optimize no-optimize copyright version lint=?",
    style: "first",
    plain: true,
    judge: judgeAwk,
  }),
  ...named("jq jaq gojq", jq),
  yq,
  ...named(
    "perl ruby php lua Rscript julia osascript tclsh scala groovy clojure ghci jshell irb pry pwsh powershell",
    { options: "any", wraps: true, judge: judgeInterpreter },
  ),
});

function judgeSed(call: Call): Finding[] {
  const scripts = valuesOf(call.scan, "e", "expression");
  const files = valuesOf(call.scan, "f", "file");
  const hasScript = scripts.length > 0 || files.length > 0;
  const inPlace = has(call.scan, "i", "in-place");
  // BSD sed takes the suffix after -i as its own word; to GNU sed the empty word is a program that does nothing.
  const isEmptyFirst = inPlace && call.scan.operands[0]?.value === "";
  const operands = call.scan.operands.slice(isEmptyFirst ? 1 : 0);
  const programs = hasScript ? scripts : operands.slice(0, 1);
  const inputs = operands.slice(hasScript ? 0 : 1);
  const found: Finding[] = [harmless(call.rule, "edits text as it passes"), ...readAll(call, inputs)];
  found.push(...files.flatMap((word) => call.file(word)), ...judgeSedProgram(call, programs));
  found.push(...programs.flatMap((word) => searchesProgram(call, word)));
  if (inPlace) {
    const suffixes = valuesOf(call.scan, "i", "in-place").map(textOf);
    found.push(
      ...writeAll(call, inputs),
      ...suffixes.flatMap((suffix) =>
        writeAll(
          call,
          inputs.map((file) => backup(file, suffix)),
        ),
      ),
    );
  }
  return found;
}

/** `-i.bak` keeps the old content beside the file, `-i 'old/*'` under another name. */
function backup(file: Word, suffix: string): Word {
  if (file.value === null && !/[*/]/.test(suffix)) return file;
  const path = file.value ?? "";
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const name = path.slice(folder.length);
  if (!suffix.includes("*")) return literalWord(path + suffix);
  const replaced = suffix.replaceAll("*", name);
  return literalWord(replaced.includes("/") ? replaced : folder + replaced);
}

function judgeSedProgram(call: Call, programs: readonly Word[]): Finding[] {
  if (programs.length === 0) return [];
  const texts = programs.map((word) => word.value);
  if (texts.includes(null)) {
    return [explicit(call, "computed", "a value becomes part of a sed program", "execute-opaque", "none")];
  }
  // `-e 'a\\' -e text` is one program of two lines.
  const program = readSedProgram(texts.join("\n"));
  if (program.kind !== "read") {
    return [
      explicit(call, "program", "the sed program is not known to be harmless", "execute-opaque", "none"),
    ];
  }
  return [
    ...readAll(call, program.reads.map(literalWord)),
    ...program.writes.flatMap((path) => judgeWrite(call.place, literalWord(path))),
    ...(program.runs
      ? [explicit(call, "runs", "the sed program runs commands", "execute-opaque", "none")]
      : []),
  ];
}

function judgeAwk(call: Call): Finding[] {
  const files = valuesOf(call.scan, "f", "file");
  const sources = valuesOf(call.scan, "e", "source");
  const includes = valuesOf(call.scan, "i", "include");
  const hasProgram = files.length + sources.length > 0;
  const programs = hasProgram ? sources : call.scan.operands.slice(0, 1);
  const inputs = call.scan.operands
    .slice(hasProgram ? 0 : 1)
    .filter((word) => !/^[A-Za-z_]\w*=/.test(leadingText(word)));
  const isInPlace = includes.some((word) => word.value === "inplace");
  return [
    harmless(call.rule, "transforms text"),
    ...readAll(call, inputs),
    ...files.flatMap((word) => call.file(word)),
    ...includes.filter((word) => word.value !== "inplace").flatMap((word) => call.file(word)),
    ...(isInPlace ? writeAll(call, inputs) : []),
    ...programs.flatMap((word) => judgeAwkProgram(call, word)),
    ...programs.flatMap((word) => searchesProgram(call, word)),
  ];
}

/** Patterns of a program that look for credentials in a printed environment. */
function searchesProgram(call: Call, word: Word): Finding[] {
  const patterns =
    textOf(word)
      .match(/[A-Za-z_]{3,}/g)
      ?.join(" ") ?? "";
  return patterns === "" ? [] : searchesEnvironment(call, patterns);
}

function judgeAwkProgram(call: Call, word: Word): Finding[] {
  if (word.value === null) {
    return [
      explicit(call, "computed", "an awk program that is only known at run time", "execute-opaque", "none"),
    ];
  }
  const program = readAwkProgram(word.value);
  const found = [
    ...readAll(call, program.reads.map(literalWord)),
    ...program.writes.flatMap((path) => judgeWrite(call.place, literalWord(path))),
    ...program.commands.flatMap((command) => call.script(command)),
  ];
  if (program.environment.some(isSecretName)) {
    found.push(
      explicit(call, "environment", "prints a variable that may hold a secret", "credential-read", "none"),
    );
  }
  if (program.opaque !== null) {
    const { what, why } = program.opaque;
    const kind = what === "writes" ? "write" : "execute-opaque";
    found.push(explicit(call, what, `the awk program: ${why}`, kind, "host"));
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
  // perl runs BEGIN blocks while it checks, so only these two merely parse.
  const checks = { ruby: /^-w?cw?$/, php: /^(-l|--syntax-check)$/ }[call.rule];
  if (
    checks?.test(first.value ?? "") === true &&
    call.args.slice(1).every((word) => !textOf(word).startsWith("-"))
  )
    return [harmless(`${call.rule}.check`, "only checks syntax"), ...readAll(call, call.args.slice(1))];
  if (first.value === null || textOf(first).startsWith("-")) {
    return [explicit(call, "inline", "runs code given on the command line", "execute-opaque", "none")];
  }
  return call.file(first);
}
