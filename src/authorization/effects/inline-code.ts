/**
 * Code given on the command line that certainly only computes and prints. Every word of it must be on a list, nothing is
 * called through a name that is put together, and no string holds an escape; whatever is not understood is not pure.
 */

/** What it reads, and whether it imports what a file of that name in its folder would replace; null when it may do more. */
export type PureCode = { reads: readonly string[]; imports: boolean } | null;

type Token = { kind: "name" | "number" | "string" | "mark"; text: string };

const longest = 600;

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const pythonModules = words(
  "json sys math datetime time statistics textwrap string calendar ipaddress colorsys",
);
const pythonNames = words(
  "print len sorted int str float bool list dict set tuple sum min max any all range enumerate zip map filter reversed round abs hex bin oct chr ord repr divmod pow for in if else not and or is lambda None True False as import from sep end key reverse indent sort_keys ensure_ascii separators start default",
);
// A name of the script that is also one of these is this one until it is set.
const pythonBuiltins = words(
  "exec eval compile open input getattr setattr delattr hasattr globals locals vars dir breakpoint help exit quit license credits copyright type object super classmethod staticmethod property memoryview callable isinstance issubclass id hash iter next aiter anext format bytes bytearray complex frozenset slice ascii",
);
// Attributes of anything: none leads from a value to a module, a frame or a class.
const pythonAttributes = words(
  "load loads dumps stdin read readline readlines version version_info platform maxsize byteorder major minor micro get items keys values strip lstrip rstrip split rsplit splitlines join replace upper lower title capitalize startswith endswith count index find isdigit isalpha zfill ljust rjust center append extend isoformat strftime strptime now today utcnow timestamp fromtimestamp utcfromtimestamp date datetime timedelta timezone utc days seconds total_seconds year month day hour minute time sqrt pi e floor ceil log log2 log10 gcd lcm factorial comb pow sin cos tan hypot isclose mean median stdev pstdev mode dedent indent fill wrap ip_network ip_address ip_interface num_addresses network_address broadcast_address netmask hosts is_private prefixlen with_prefixlen subnets supernet overlaps isleap monthrange bit_length hex",
);

const scriptGlobals: Readonly<Record<string, ReadonlySet<string>>> = {
  console: words("log"),
  process: words("version versions platform arch uptime memoryUsage release pid"),
  JSON: words("stringify parse"),
  Math: words("max min round floor ceil abs pow sqrt random PI E log log2 log10 trunc sign hypot cbrt"),
  Object: words("keys values entries fromEntries"),
  Array: words("isArray from"),
  Number: words("isInteger parseFloat parseInt MAX_SAFE_INTEGER MIN_SAFE_INTEGER EPSILON MAX_VALUE"),
  Date: words("now"),
};
const scriptCalls = words("parseInt parseFloat isNaN encodeURIComponent decodeURIComponent atob btoa");
const scriptKeywords = words("const let of in typeof true false null undefined NaN Infinity");
const scriptMethods = words(
  "log stringify parse max min round floor ceil abs pow sqrt random trunc sign hypot cbrt log2 log10 keys values entries fromEntries isArray from isInteger parseFloat parseInt now uptime memoryUsage map filter slice join split sort length trim toUpperCase toLowerCase includes startsWith endsWith toFixed toString padStart padEnd indexOf concat flat reverse every some find repeat",
);
const closedProperties =
  /^(constructor|prototype|__\w+__|call|apply|bind|caller|callee|arguments|then|toJSON|valueOf)$/;

function tokens(code: string): Token[] | null {
  const found: Token[] = [];
  const pattern =
    /\s+|([A-Za-z_]\w*)|(\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)|("[^"\\\n]*"|'[^'\\\n]*')|(\*\*|=>|===|!==|==|!=|<=|>=|&&|\|\||\?\?|\/\/|[-+*/%()[\]{}.,:;<>=?!|&^])/iy;
  while (pattern.lastIndex < code.length) {
    const match = pattern.exec(code);
    if (match === null) return null;
    const [text, name, number, string, mark] = match;
    if (name !== undefined) found.push({ kind: "name", text });
    else if (number !== undefined) found.push({ kind: "number", text });
    else if (string !== undefined) found.push({ kind: "string", text: text.slice(1, -1) });
    else if (mark !== undefined) found.push({ kind: "mark", text });
  }
  return found;
}

export function pureCode(language: "python" | "node", code: string): PureCode {
  // Readers disagree about what ends inside three quotes.
  if (code.length > longest || /"""|'''/.test(code)) return null;
  const all = tokens(code);
  if (all === null || all.length === 0) return null;
  // A prefix makes more of a string: r"", b"", f"{…}".
  if (
    all.some(
      (token, index) =>
        token.kind === "name" &&
        all[index + 1]?.kind === "string" &&
        !/^(in|not|and|or|if|else|is|of|typeof|lambda)$/.test(token.text),
    )
  )
    return null;
  return language === "python" ? purePython(all) : pureScript(all);
}

function purePython(all: readonly Token[]): PureCode {
  const bound = new Set<string>();
  const reads: string[] = [];
  for (const [index, token] of all.entries()) {
    const before = all[index - 1]?.text;
    const after = all[index + 1]?.text;
    const isBound =
      token.kind === "name" &&
      ((after === "=" && before !== ".") ||
        ((before === "for" || before === "lambda" || before === ",") &&
          all[index - 1]?.kind !== "string" &&
          isLoopName(all, index)));
    if (
      isBound &&
      !pythonNames.has(token.text) &&
      !pythonBuiltins.has(token.text) &&
      !token.text.startsWith("_")
    )
      bound.add(token.text);
  }
  for (const [index, token] of all.entries()) {
    if (
      token.kind === "mark" &&
      /^(=>|===|!==|&&|\|\||\?\??|!|\/\/|[{}])$/.test(token.text) &&
      !/^(\/\/|[{}])$/.test(token.text)
    )
      return null;
    if (token.kind !== "name") continue;
    const before = all[index - 1];
    const isAttribute = before?.kind === "mark" && before.text === ".";
    if (isAttribute) {
      if (!pythonAttributes.has(token.text)) return null;
      continue;
    }
    if (token.text === "open") {
      const path = openedForReading(all, index);
      if (path === null) return null;
      reads.push(path);
      continue;
    }
    if (isImported(all, index)) {
      if (!pythonModules.has(token.text) && !(all[index - 1]?.text === "as")) return null;
      continue;
    }
    if (token.text === "from" || token.text === "as") return null;
    if (!pythonNames.has(token.text) && !pythonModules.has(token.text) && !bound.has(token.text)) return null;
  }
  const imports = all.some(
    (token, index) => isImported(all, index) && !/^(sys|time|math|,)$/.test(token.text),
  );
  return { reads, imports };
}

/** `for a, b in` and `lambda a, b:`. */
function isLoopName(all: readonly Token[], index: number): boolean {
  for (let at = index; at >= 0; at -= 1) {
    const token = all[at];
    if (token?.kind === "name" && (token.text === "for" || token.text === "lambda")) return true;
    if (token?.kind !== "name" && token?.text !== ",") return false;
  }
  return false;
}

/** `import a, b`, up to the end of the statement. */
function isImported(all: readonly Token[], index: number): boolean {
  for (let at = index - 1; at >= 0; at -= 1) {
    const token = all[at];
    if (token?.text === "import" && token.kind === "name") return true;
    if (token?.text !== "," && token?.kind !== "name") return false;
    if (token.kind === "name" && all[at + 1]?.text !== ",") return false;
  }
  return false;
}

function openedForReading(all: readonly Token[], index: number): string | null {
  const [paren, path, close, mode, end] = all.slice(index + 1, index + 6);
  if (paren?.text !== "(" || path?.kind !== "string") return null;
  if (close?.kind === "mark" && close.text === ")") return path.text;
  return close?.text === "," && mode?.kind === "string" && /^(r|rb|rt)$/.test(mode.text) && end?.text === ")"
    ? path.text
    : null;
}

function pureScript(all: readonly Token[]): PureCode {
  const bound = new Set<string>();
  const reads: string[] = [];
  for (const [index, token] of all.entries()) {
    if (token.kind !== "name") continue;
    const isDeclared = /^(const|let)$/.test(all[index - 1]?.text ?? "") || all[index + 1]?.text === "=>";
    // Modules are names here (fs, os, vm): one letter, or a word that is none.
    if (
      isDeclared &&
      /^([a-z]|key|value|item|pkg|data|obj|row|line|entry|sum|result|total|list|dep)$/.test(token.text)
    )
      bound.add(token.text);
  }
  for (const [index, token] of all.entries()) {
    const before = all[index - 1];
    const after = all[index + 1];
    if (token.kind === "string") {
      if (closedProperties.test(token.text)) return null;
      continue;
    }
    if (token.kind === "mark") {
      // A slash after anything but a value begins a regular expression; braces and computed members hide names.
      if (token.text === "/" && before?.kind !== "number" && before?.text !== ")") return null;
      if (/^(\/\/|[{}]|\*\*=)$/.test(token.text)) return null;
      const isMember =
        token.text === "[" &&
        (before?.kind === "name" || before?.kind === "string" || /^[\]).]$/.test(before?.text ?? ""));
      if (
        isMember &&
        !(
          after !== undefined &&
          after.kind !== "mark" &&
          after.kind !== "name" &&
          all[index + 2]?.text === "]"
        )
      )
        return null;
      // A value is called only by a name that is known here.
      if (
        token.text === "(" &&
        before !== undefined &&
        (before.kind === "string" || before.kind === "number" || /^[\]).]$/.test(before.text))
      )
        return null;
      continue;
    }
    if (token.kind !== "name") continue;
    if (before?.kind === "mark" && before.text === ".") {
      if (closedProperties.test(token.text)) return null;
      if (after?.text === "(" && !scriptMethods.has(token.text)) return null;
      if (after?.text === "=") return null;
      continue;
    }
    if (token.text === "require") {
      const [paren, path, close] = all.slice(index + 1, index + 4);
      if (
        paren?.text !== "(" ||
        path?.kind !== "string" ||
        close?.text !== ")" ||
        !/^\.\.?\/[\w./-]+\.json$/.test(path.text)
      )
        return null;
      reads.push(path.text);
      continue;
    }
    const members = Object.hasOwn(scriptGlobals, token.text) ? scriptGlobals[token.text] : undefined;
    if (members !== undefined) {
      if (after?.text !== "." || !members.has(all[index + 2]?.text ?? "")) return null;
      continue;
    }
    const isCalled = after?.text === "(";
    if (
      scriptCalls.has(token.text)
        ? !isCalled
        : !(scriptKeywords.has(token.text) || (bound.has(token.text) && !isCalled))
    )
      return null;
  }
  return { reads, imports: false };
}
