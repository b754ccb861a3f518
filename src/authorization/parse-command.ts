import type {
  Assignment,
  Command,
  HereDoc,
  ParameterExpansionPart,
  PipelineNode,
  Redirection,
  Script,
  SyntaxNode,
  Word as TreeWord,
  WordPart,
} from "unbash";
import { forEachChild, parse } from "unbash";
import { holdsSubscript, namesIn, type Operand, operandNames, printsNumber } from "./arithmetic-operands.ts";
import { withoutBraces } from "./brace-lists.ts";
import { namesReadInto } from "./known-values.ts";
import {
  defaultOf,
  type Hazard,
  joinTexts,
  literalWord,
  type ParsedAssignment,
  type ParsedCommand,
  type ParsedRedirect,
  type Piece,
  type SimpleCommand,
  suppliedWord,
  type Word,
} from "./parsed-command.ts";

/** A command line becomes simple commands at any depth, or it is `unparsed` and nobody runs it unasked. */

/** Longest command text that is read, in UTF-16 units. Longer ones are code, not a command. */
export const maxCommandLength = 65_536;
const maxDepth = 64;
/** What is judged within 50 ms. Nobody reads more before saying yes either. */
export const maxCommands = 500;
export const maxWords = 1_500;
const maxPieces = 200;

const structural = new Set([
  "Script",
  "Statement",
  "CompoundList",
  "CaseItem",
  "Elif",
  "AndOr",
  "Time",
  "Negation",
  "If",
  "Subshell",
  "BraceGroup",
  "Case",
  "TestCommand",
  "TestUnary",
  "TestBinary",
  "TestLogical",
  "TestNot",
  "TestGroup",
  "Redirected",
  "Coproc",
  "ArithmeticCommand",
  "ArithmeticBinary",
  "ArithmeticUnary",
  "ArithmeticTernary",
  "ArithmeticGroup",
  "ArithmeticCommandExpansion",
  "Literal",
  "Glob",
  "SingleQuoted",
  "DoubleQuoted",
  "AnsiCQuoted",
  "LocaleString",
  "SimpleExpansion",
  "CommandExpansion",
  "ArithmeticExpansion",
  "ProcessSubstitution",
  "ExtendedGlob",
  "BraceExpansion",
  "ArrayValue",
  "FileDescriptor",
  "FileDescriptorVariable",
  "HereDocDelimiter",
  "HereDocBody",
  "HereString",
  "HereDoc",
  "Default",
  "Remove",
  "Replace",
  "Slice",
  "CaseModification",
  "Names",
]);
const repeating = new Set(["For", "ArithmeticFor", "Select", "While", "Function"]);
// Comparing with these inside [[ ]] evaluates both sides as arithmetic.
const arithmeticTests = new Set(["-eq", "-ne", "-lt", "-le", "-gt", "-ge"]);
const countingVariables = new Set([
  "RANDOM",
  "SECONDS",
  "LINENO",
  "COLUMNS",
  "LINES",
  "OPTIND",
  "EPOCHSECONDS",
  "UID",
  "EUID",
  "PPID",
  "BASHPID",
  "SHLVL",
]);

class Unparsed extends Error {}

export function parseCommand(text: string): ParsedCommand {
  if (text.length > maxCommandLength)
    return { kind: "unparsed", why: `longer than ${maxCommandLength} characters` };
  if (text.includes("\0")) return { kind: "unparsed", why: "holds a NUL character" };
  if (!text.isWellFormed()) return { kind: "unparsed", why: "is not well-formed Unicode" };
  try {
    return collect(text);
  } catch (error) {
    // The parser is not ours: whatever it throws means that the text was not understood.
    return { kind: "unparsed", why: error instanceof Error ? error.message : "the parser failed" };
  }
}

function collect(text: string): ParsedCommand {
  const commands: SimpleCommand[] = [];
  const hazards: Hazard[] = [];
  const variables = new Set<string>();
  const functions = new Set<string>();
  const bindings = new Map<string, Word[]>();
  const computed: Operand[] = [];
  // Only a variable that never holds text can be used in arithmetic: bash evaluates `a[$(…)]` found in its value.
  const numeric = new Set<string>();
  const textual = new Set<string>();

  const bind = (name: string, value: Word): void => {
    const known = bindings.get(name) ?? [];
    known.push(value);
    bindings.set(name, known);
  };
  const hazard = (rule: string, reason: string): void => {
    hazards.push({ rule, reason });
  };

  const assign = (node: Assignment): ParsedAssignment => {
    if (node.value.type === "ArrayValue") {
      for (const element of node.value.elements) for (const word of toWords(element)) bind(node.name, word);
      textual.add(node.name);
      return { name: node.name, value: unknownWord(node.text), list: true };
    }
    const value = toWord(node.value);
    bind(node.name, node.append ? suppliedWord : value);
    if (node.index !== undefined) computed.push(namesIn(node.index));
    const isNumber = value.value !== null && /^-?\d*$/.test(value.value);
    const isArithmetic =
      node.value.parts?.length === 1 && node.value.parts[0]?.type === "ArithmeticExpansion";
    (isNumber || isArithmetic || printsNumber.test(node.value.text) ? numeric : textual).add(node.name);
    return { name: node.name, value, list: false };
  };

  const redirect = (node: Redirection): ParsedRedirect[] => {
    if (node.type === "HereString") {
      return [{ kind: "text", text: node.target === undefined ? null : toWord(node.target).value }];
    }
    if (node.type === "HereDoc" && node.closing === undefined)
      throw new Unparsed("has a here-document without an end");
    if (node.type === "HereDoc") return [{ kind: "text", text: staticHereDoc(node) }];
    if (node.target === undefined) throw new Unparsed("a redirection without a target");
    const target = toWord(node.target);
    if (node.operator === "<&" || node.operator === ">&") {
      if (target.value !== null && /^(\d+-?|-)$/.test(target.value)) return [];
      return [{ kind: node.operator === "<&" ? "read" : "write", target }];
    }
    if (node.operator === "<") return [{ kind: "read", target }];
    if (node.operator === "<>")
      return [
        { kind: "read", target },
        { kind: "write", target },
      ];
    return [{ kind: "write", target }];
  };

  type Scope = {
    from: readonly number[];
    outer: readonly ParsedRedirect[];
    repeated: boolean;
    set: ReadonlySet<string>;
    inside: number | null;
    depth: number;
  };

  let wordCount = 0;
  const simple = (node: Command, scope: Scope): void => {
    if (commands.length >= maxCommands) throw new Unparsed(`holds more than ${maxCommands} commands`);
    wordCount += 1 + node.args.length + node.prefix.length;
    if (wordCount > maxWords) throw new Unparsed(`holds more than ${maxWords} words`);
    understood(text, node);
    const words: Word[] = node.name === undefined ? [] : toWords(node.name);
    const assignments: ParsedAssignment[] = [];
    for (const item of node.prefix) if (item.type === "Assignment") assignments.push(assign(item));
    for (const item of node.args) {
      if (item.type === "Assignment") assign(item);
      words.push(...(item.type === "Assignment" ? [assignmentWord(item)] : toWords(item)));
    }
    const redirects = [...scope.outer, ...node.redirects.flatMap(redirect)];
    const { from, repeated, set, inside } = scope;
    const index = commands.push({ words, assignments, redirects, from, repeated, set, inside }) - 1;
    const inner: Scope = { ...scope, from: [], outer: [], inside: index, depth: scope.depth + 1 };
    forEachChild(node, (child) => visit(child, inner));
  };

  const pipeline = (node: PipelineNode & { type: "Pipeline" }, scope: Scope): void => {
    let from: number[] = [...scope.from];
    for (const part of node.commands) {
      const start = commands.length;
      visit(part, { ...scope, from, depth: scope.depth + 1 });
      from = Array.from({ length: commands.length - start }, (_, index) => start + index);
    }
  };

  const parameter = (node: ParameterExpansionPart): void => {
    variables.add(node.parameter);
    if (node.prefix === "!") hazard("shell.indirect", `${node.text} expands a name held in a variable`);
    if (node.index !== undefined && !/^[@*]$|^\d+$/.test(node.index.text)) computed.push(namesIn(node.index));
    const operation = node.operation;
    if (operation?.type === "Unknown") throw new Unparsed(`unknown expansion ${node.text}`);
    if (operation?.type === "Transform") hazard("shell.transform", `${node.text} may evaluate the value`);
    if (operation?.type === "Slice") {
      computed.push(namesIn(operation.offset));
      if (operation.length !== undefined) computed.push(namesIn(operation.length));
    }
    if (operation?.type === "Default") {
      const assigns = operation.operator.includes("=");
      bind(assigns ? node.parameter : defaultOf(node.parameter), toWord(operation.operand));
      if (assigns) textual.add(node.parameter);
    }
  };

  const visit = (node: SyntaxNode, scope: Scope): void => {
    if (scope.depth > maxDepth) throw new Unparsed(`nested deeper than ${maxDepth}`);
    const inner: Scope = { ...scope, depth: scope.depth + 1 };
    if ("errors" in node && node.errors !== undefined && node.errors.length > 0) {
      throw new Unparsed(node.errors[0]?.message ?? "syntax error");
    }
    switch (node.type) {
      case "Command":
        simple(node, scope);
        return;
      case "Pipeline":
        pipeline(node, scope);
        return;
      case "Redirected": {
        const own = node.redirects.flatMap(redirect);
        visit(node.command, { ...inner, outer: [...scope.outer, ...own] });
        for (const item of node.redirects) visit(item, { ...inner, from: [], outer: [] });
        return;
      }
      case "Function":
        functions.add(toWord(node.name).value ?? "");
        visit(node.body, { ...inner, repeated: true, from: [] });
        return;
      case "For":
      case "Select":
        for (const item of node.wordlist?.flatMap(toWords) ?? [suppliedWord]) bind(node.name.value, item);
        textual.add(node.name.value);
        break;
      case "ParameterExpansion":
        parameter(node);
        break;
      case "SimpleExpansion":
        variables.add(node.text.slice(1));
        break;
      case "ArithmeticWord":
        computed.push(operandNames(node));
        break;
      case "ArithmeticCommandExpansion":
        if (!printsNumber.test(node.text)) computed.push({ names: [""] });
        break;
      case "ArithmeticBinary":
        if (
          node.operator.endsWith("=") &&
          node.left.type === "ArithmeticWord" &&
          !isComparison(node.operator)
        ) {
          numeric.add(node.left.value);
        }
        break;
      case "TestUnary":
        if (node.operator === "-v" && toWord(node.operand).value?.match(/^\w+$/) == null) {
          hazard("shell.subscript", `[[ -v ${node.operand.text} ]] evaluates a subscript`);
        }
        break;
      case "TestBinary":
        if (arithmeticTests.has(node.operator)) {
          computed.push(namesIn(node.left), namesIn(node.right));
          if (
            [node.left.text, node.right.text].some(
              (side) => /[[`]|\$\(/.test(side) && !printsNumber.test(side),
            )
          )
            hazard("shell.subscript", `${node.left.text} is evaluated as arithmetic`);
        }
        break;
      case "CommandExpansion":
      case "ProcessSubstitution":
        if (node.script === undefined) throw new Unparsed(`a substitution that cannot be read: ${node.text}`);
        visit(node.script, { ...inner, from: [], outer: [] });
        return;
      case "Word":
      case "Assignment":
      case "Redirect":
      case "While":
      case "ArithmeticFor":
        break;
      default:
        if (!structural.has(node.type))
          throw new Unparsed(`a kind of syntax that is not known here: ${node.type}`);
    }
    const next = repeating.has(node.type) ? { ...inner, repeated: true, set: setBy(node, scope.set) } : inner;
    forEachChild(node, (child) => visit(child, next));
  };

  const tree = parse(text);
  visit(tree, { from: [], outer: [], repeated: false, set: setFirst(tree), inside: null, depth: 0 });
  for (const name of commands.flatMap(namesReadInto)) textual.add(name);
  for (const name of computed.flatMap((operand) => operand.names)) {
    if (countingVariables.has(name) || /^[?$!#]+$/.test(name)) continue;
    if (/^\??\d+$/.test(name) && !holdsSubscript(commands, bindings)) continue;
    if (numeric.has(name) && !textual.has(name) && !textual.has("")) continue;
    // `${name:-0}` of a name that the script never sets is the 0.
    if (name.startsWith("?") && !textual.has(name.slice(1)) && !textual.has("")) continue;
    hazard(
      "shell.arithmetic-on-data",
      `bash evaluates the text of ${name || "a computed value"} as arithmetic`,
    );
  }
  const counted = new Set(computed.flatMap((operand) => operand.names));
  return { kind: "parsed", commands, hazards, variables, bindings, functions, counted };
}

/** Names that the script sets before anything else: nothing can skip these. */
function setFirst(script: Script): Set<string> {
  const names = new Set<string>();
  for (const { command, background } of script.commands) {
    const first = command.type === "AndOr" ? command.commands[0] : command;
    if (background === true || first?.type !== "Command" || first.name !== undefined) break;
    for (const item of first.prefix)
      if (item.type === "Assignment" && item.index === undefined) names.add(item.name);
    if (command.type === "AndOr") break;
  }
  return names;
}

/** A loop over words that cannot vanish has set its variable whenever its body runs. */
function setBy(node: SyntaxNode, outer: ReadonlySet<string>): ReadonlySet<string> {
  return node.type === "For" && (node.wordlist?.length ?? 0) > 0
    ? new Set([...outer, node.name.value])
    : outer;
}

function isComparison(operator: string): boolean {
  return operator === "==" || operator === "!=" || operator === "<=" || operator === ">=";
}

function assignmentWord(node: Assignment): Word {
  if (node.value.type === "ArrayValue")
    return {
      ...unknownWord(node.text),
      pieces: [{ kind: "text", text: `${node.name}=` }, { kind: "unknown" }],
    };
  const value = toWord(node.value);
  const head = `${node.name}${node.index === undefined ? "" : `[${node.index.text}]`}${node.append ? "+=" : "="}`;
  const pieces = joinTexts([{ kind: "text", text: head }, ...value.pieces]);
  return {
    text: node.text,
    pieces,
    value: value.value === null ? null : head + value.value,
    splits: value.splits,
  };
}

function unknownWord(text: string): Word {
  return { text, pieces: [{ kind: "unknown" }], value: null, splits: true };
}

/** The parser steps over what it does not expect, such as the parenthesis of `a ( b`: between two words is nothing else. */
function understood(text: string, node: Command): void {
  const parts = [
    ...node.prefix,
    ...(node.name === undefined ? [] : [node.name]),
    ...node.args,
    ...node.redirects,
  ];
  let end = node.pos;
  for (const part of parts.sort((a, b) => a.pos - b.pos)) {
    if (!/^(?:[ \t]|\\\n)*$/.test(text.slice(end, part.pos)))
      throw new Unparsed(
        `has an unexpected ${JSON.stringify(text.slice(end, part.pos).trim().slice(0, 20))}`,
      );
    end = Math.max(end, part.end);
  }
}

function toWord(word: TreeWord): Word {
  if (word.parts === undefined) return { ...literalWord(word.value), text: word.text };
  if (word.parts.length > maxPieces) throw new Unparsed(`has a word of more than ${maxPieces} parts`);
  const parts: Piece[] = [];
  const splits = word.parts.map((part) => addPieces(part, false, parts)).includes(true);
  const pieces = joinTexts(parts);
  const isStatic = pieces.every((piece) => piece.kind === "text");
  return { text: word.text, pieces, value: isStatic ? pieces.map(textOf).join("") : null, splits };
}

/** One word, or as many as its braces make of it. */
function toWords(word: TreeWord): Word[] {
  const parts = word.parts ?? [];
  return parts.some((part) => part.type === "BraceExpansion")
    ? (withoutBraces(parts, literalPart)?.map((each) => ({
        ...toWord({ ...word, parts: each }),
        text: textsOf(each),
      })) ?? [toWord(word)])
    : [toWord(word)];
}

function literalPart(text: string, { pos, end }: WordPart): WordPart {
  return { type: "Literal", value: text, text, pos, end };
}

function textsOf(parts: readonly WordPart[]): string {
  return parts.map((part) => part.text).join("");
}

function textOf(piece: Piece): string {
  return piece.kind === "text" ? piece.text : "";
}

/** Appends what the part can become; true when its value is split into words. */
function addPieces(part: WordPart, quoted: boolean, pieces: Piece[]): boolean {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
    case "AnsiCQuoted":
      pieces.push({ kind: "text", text: part.value });
      return false;
    case "DoubleQuoted":
      return part.parts.map((child) => addPieces(child, true, pieces)).includes(true);
    case "Glob":
    case "ExtendedGlob":
      pieces.push(
        part.parts === undefined
          ? { kind: "glob" }
          : { kind: part.parts.some(isExpansion) ? "unknown" : "glob" },
      );
      return false;
    case "ProcessSubstitution":
      pieces.push({ kind: "text", text: "/dev/fd/63" });
      return false;
    case "SimpleExpansion":
      pieces.push({ kind: "variable", name: part.text.slice(1) });
      return part.text === "$@" || (!quoted && !/^\$[?#$!]$/.test(part.text));
    case "ParameterExpansion": {
      const plain =
        (part.operation === undefined || part.operation.type === "Default") &&
        part.prefix === undefined &&
        part.index === undefined;
      pieces.push(plain ? { kind: "variable", name: part.parameter } : { kind: "unknown" });
      return !quoted || part.parameter === "@" || part.index !== undefined;
    }
    default: {
      // Neither white space nor a slash, so like a wildcard it stays within one name, quoted or not.
      const isOneName = printsOneName.test(part.text);
      pieces.push({ kind: isOneName ? "glob" : "unknown" });
      return !quoted && !isOneName;
    }
  }
}

const printsOneName =
  /^(\$\(|`)\s*(date( -u)?( -I\w*| (["']?)\+%[-_0]?[YmdHMSsFTjuVyNGge]([-_.]|[A-Za-z0-9]|%[-_0]?[YmdHMSsFTjuVyNbBeGgz])*\5)|hostname( -[sf])?|uname -[rmsn]|id -un?|whoami|nproc|git rev-parse( --short(=\d+)?)?( --verify)? (HEAD|[A-Za-z][\w.]*)([~^]\d*)*|git merge-base( [A-Za-z@][\w./~^-]*){2})\s*(\)|`)$/;

function isExpansion(part: WordPart): boolean {
  return part.type !== "Literal" && part.type !== "SingleQuoted" && part.type !== "Glob";
}

function staticHereDoc(node: HereDoc): string | null {
  if (node.delimiter?.quoted === true) return node.body.text;
  // An unquoted here-document loses its backslashes before anybody reads it.
  if (node.body.text.includes("\\")) return null;
  if (node.body.parts === undefined) return node.body.text;
  return node.body.parts.every((part) => part.type === "Literal") ? node.body.text : null;
}
