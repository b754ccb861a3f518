/**
 * What an awk program touches besides the records that pass. It is taken apart into words, so that `/system/` and
 * `"a > b"` are no code; where awks disagree about what is a pattern, the whole text counts as code.
 */

export type AwkProgram = {
  /** Why nobody can say what it does; null when everything was placed. */
  opaque: { what: "acts" | "writes"; why: string } | null;
  writes: readonly string[];
  reads: readonly string[];
  /** Shell commands it starts. */
  commands: readonly string[];
  /** Names of environment variables it looks at. */
  environment: readonly string[];
};

type Token = { kind: "name" | "number" | "string" | "pattern" | "mark" | "line"; text: string };

const strict =
  /\b(system|getline|ENVIRON|PROCINFO|ARGV|SYMTAB|FUNCTAB|extension)\b|\/inet|@|\||\bprint[^;}]*>/;
const opaqueNames = new Set(["system", "ARGV", "SYMTAB", "FUNCTAB", "extension"]);
/** After these a slash begins a pattern; after others of awk's own words it may be either. */
const beforePattern = new Set(["in", "print", "printf", "return", "case", "else", "do", "exit"]);
const unclear = new Set(
  "getline length delete next nextfile break continue default BEGIN END BEGINFILE ENDFILE func function ) $ ++ --".split(
    " ",
  ),
);
/** What an expression can begin after, so that a string there is the whole of it. */
const opening = new Set(["", "{", "}", ";", "\n", "(", "&&", "||", "!"]);

export function readAwkProgram(text: string): AwkProgram {
  const tokens = tokensOf(text);
  if (tokens === null) {
    const why = "it may run commands or touch other files";
    return {
      opaque: strict.test(text) ? { what: "acts", why } : null,
      writes: [],
      reads: [],
      commands: [],
      environment: [],
    };
  }
  return judgeTokens(tokens);
}

function tokensOf(text: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^([ \t\r]|\\\r?\n)+|^#[^\n]*/.exec(rest);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const token = tokenAt(rest, tokens.at(-1));
    if (token === null) return null;
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

function tokenAt(rest: string, previous: Token | undefined): Token | null {
  if (rest.startsWith("\n")) return { kind: "line", text: "\n" };
  const name = /^[A-Za-z_]\w*/.exec(rest);
  if (name !== null) return { kind: "name", text: name[0] };
  const number = /^(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?/.exec(rest);
  if (number !== null) return { kind: "number", text: number[0] };
  if (rest.startsWith('"')) {
    const string = /^"(\\[^\n]|[^"\\\n])*"/.exec(rest);
    return string === null ? null : { kind: "string", text: string[0] };
  }
  if (rest.startsWith("/")) return slash(rest, previous);
  const mark = /^(\|\||&&|\|&|>>|>=|<=|==|!=|!~|\+\+|--|\*\*|::|[^\w\s])/.exec(rest);
  return mark === null ? null : { kind: "mark", text: mark[0] };
}

function slash(rest: string, previous: Token | undefined): Token | null {
  const division: Token = { kind: "mark", text: "/" };
  const pattern = /^\/(\\[^\n]|[^/\\\n])*\//.exec(rest);
  if (previous !== undefined && unclear.has(previous.text)) return pattern === null ? division : null;
  const isValue =
    previous !== undefined &&
    (["number", "string", "pattern"].includes(previous.kind) ||
      (previous.kind === "name" && !beforePattern.has(previous.text)) ||
      previous.text === "]");
  if (isValue) return division;
  if (pattern === null) return null;
  // Some awks end a pattern at a slash inside brackets, others do not.
  if (/\[[^\]]*$/.test(pattern[0].slice(0, -1).replace(/\\[^\n]/g, ""))) return null;
  return { kind: "pattern", text: pattern[0] };
}

function judgeTokens(tokens: readonly Token[]): AwkProgram {
  const writes: string[] = [];
  const reads: string[] = [];
  const commands: string[] = [];
  const environment: string[] = [];
  let opaque: AwkProgram["opaque"] = null;
  const refuse = (why: string, what: "acts" | "writes" = "acts"): void => {
    opaque ??= { what, why };
  };
  const text = (index: number): string => tokens[index]?.text ?? "";
  let printing = false;
  let depth = 0;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined || token.kind === "number" || token.kind === "pattern" || token.kind === "string")
      continue;
    if (token.kind === "name") {
      if (token.text === "print" || token.text === "printf") {
        printing = true;
        depth = 0;
      } else if (opaqueNames.has(token.text)) refuse(`${token.text} may run commands or name other files`);
      else if (token.text === "ENVIRON" || token.text === "PROCINFO") {
        const key = text(index + 1) === "[" ? literal(tokens[index + 2]) : null;
        const isOrder = key === "sorted_in" && text(index + 4) === "=" && text(index + 5).startsWith('"@');
        if (key === null || text(index + 3) !== "]") refuse(`${token.text} holds more than can be seen`);
        else if (token.text === "ENVIRON") environment.push(key);
        else if (!isOrder && text(index + 4) === "=" && text(index + 5) !== "=")
          refuse("PROCINFO changes how files are opened");
      } else if (token.text === "getline") {
        const source = inputOf(tokens, index);
        if (source === null) refuse("getline reads a computed file");
        else if (source !== "") reads.push(source);
      }
      continue;
    }
    if (token.kind === "line") {
      const goesOn = /^(,|&&|\|\||\?|:)$/.test(text(index - 1)) || /^(>|>>|\||\|&)$/.test(text(index + 1));
      if (!goesOn) printing = false;
      continue;
    }
    switch (token.text) {
      case "@":
        refuse("@ loads or calls what cannot be seen");
        break;
      case "(":
      case "[":
        depth += 1;
        break;
      case ")":
      case "]":
        depth -= 1;
        break;
      case ";":
      case "}":
        printing = false;
        break;
      case "|&":
        refuse("talks to another process");
        break;
      case ">":
      case ">>": {
        if (!printing || depth > 0) break;
        const target = wholeString(tokens, index + 1);
        if (target === null) refuse("writes to a computed file", "writes");
        else writes.push(target);
        break;
      }
      case "|": {
        const isInput = text(index + 1) === "getline";
        const whole =
          isInput && !printing && opening.has(tokens[index - 2]?.text ?? "")
            ? literal(tokens[index - 1])
            : null;
        const command = isInput ? whole : wholeString(tokens, index + 1);
        if (command === null) refuse("starts a computed command");
        else commands.push(command);
        break;
      }
      default:
    }
  }
  return { opaque, writes, reads, commands, environment };
}

/** The text of a string without escapes. */
function literal(token: Token | undefined): string | null {
  if (token?.kind !== "string" || token.text.includes("\\")) return null;
  return token.text.slice(1, -1);
}

/** A string that is all of its expression. */
function wholeString(tokens: readonly Token[], index: number): string | null {
  const end = tokens[index + 1]?.text ?? "";
  return ["", ";", "}", "\n"].includes(end) ? literal(tokens[index]) : null;
}

/** The file after `getline [name] <`; "" when it reads the main input, null when it is computed. */
function inputOf(tokens: readonly Token[], index: number): string | null {
  let at = index + 1;
  if (tokens[at]?.kind === "name") {
    at += 1;
    if (tokens[at]?.text === "[") {
      while (at < tokens.length && tokens[at]?.text !== "]") at += 1;
      at += 1;
    }
  } else if (tokens[at]?.text === "$") return null;
  if (tokens[at]?.text !== "<") return tokens[index + 1]?.text === "(" ? null : "";
  const end = tokens[at + 2]?.text ?? "";
  return ["", ";", "}", "\n", ")", ">", "&&", "||", "=="].includes(end) ? literal(tokens[at + 1]) : null;
}
