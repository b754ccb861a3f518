import type { Tier } from "../action.ts";
import type { Place } from "../context.ts";
import { knownValues, variantsOf } from "../known-values.ts";
import { parseCommand } from "../parse-command.ts";
import type { ParsedCommand, SimpleCommand, Word } from "../parsed-command.ts";
import { isInWorktree, judgeRead, judgeWrite, pathsOf } from "../paths.ts";
import { isSecretName } from "./coreutils.ts";
import { judgeVariable } from "./environment.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { after, leadingText, optionSpec, scanOptions } from "./options.ts";
import { outsideWords } from "./outside-words.ts";
import {
  type Call,
  explicit,
  type Group,
  projectCode,
  type Row,
  type Stdin,
  type Tool,
  textOf,
} from "./row.ts";
import { snared } from "./snares.ts";
import { tools } from "./tools.ts";
import { redirectText, type Trace, type TraceSink, traceCommand, traceWords } from "./trace.ts";

/** What is remembered while one action is judged. */
type Session = {
  /** Every command found, as plain text, for the rules of a policy. */
  seen: string[];
  /** Absolute paths written by an earlier part: running one of them is running code nobody has read. */
  written: Set<string>;
  depth: number;
  trace: TraceSink;
};

export type Judged = { findings: Finding[]; seen: readonly string[]; commands: number };

const maxNesting = 8;
/** From here on loops are judged as a whole, so that nested ones stay quick. */
const maxSeen = 200;
const systemFolders = /^\/(usr\/(local\/)?)?s?bin\//;
const passive = new Set([
  "export",
  "declare",
  "typeset",
  "local",
  "readonly",
  ":",
  "true",
  "false",
  "cd",
  "set",
  "unset",
  "umask",
]);

/** @param trace takes a node for each command, for an explanation */
export function judgeScript(text: string, place: Place, trace: TraceSink = null): Judged {
  const session: Session = { seen: [], written: new Set(), depth: 0, trace };
  const findings = judgeText(text, place, session);
  return { findings, seen: session.seen, commands: session.seen.length };
}

export function judgeArgv(words: readonly Word[], place: Place, trace: TraceSink = null): Judged {
  const session: Session = { seen: [], written: new Set(), depth: 0, trace };
  const findings = judgeNested(words, place, { kind: "inherited" }, session);
  return { findings, seen: session.seen, commands: session.seen.length };
}

function judgeText(text: string, outer: Place, session: Session): Finding[] {
  if (session.depth >= maxNesting) return [refuse("shell.too-deep", "shells nested too deeply")];
  const parsed = parseCommand(text);
  if (parsed.kind === "unparsed") return [refuse("shell.unparsed", `the command line ${parsed.why}`)];
  const inner: Session = { ...session, depth: session.depth + 1 };
  const place = follow(parsed, { ...outer, bindings: new Map([...outer.bindings, ...parsed.bindings]) });
  const found: Finding[] = parsed.hazards.map((hazard) => refuse(hazard.rule, hazard.reason));
  if (
    parsed.functions.size > 0 &&
    [...parsed.functions].some((name) => tools.has(name) || !/^[\w-]+$/.test(name))
  ) {
    found.push(refuse("shell.shadows", "a function takes the name of a command"));
  }
  for (const name of parsed.variables) {
    if (isSecretName(name) && !parsed.bindings.has(name))
      found.push(
        finding("explicit", "environment.secret", `$${name} may hold a secret`, [
          effect("credential-read", name, "none"),
        ]),
      );
  }
  const isUsed = parsed.commands.some(
    (command) => command.words.length > 0 && !passive.has(command.words[0]?.value ?? "?"),
  );
  // Also names that are set without an assignment: loops, defaults.
  for (const [name, values] of parsed.bindings) {
    const only = values.length === 1 ? (values[0] ?? null) : null;
    const change = isUsed ? judgeVariable(name, only, exportsAll(parsed.commands)) : null;
    if (change !== null) found.push(change);
  }
  const nodes: (Trace | null)[] = [];
  const known = knownValues(parsed);
  for (const command of parsed.commands) {
    const outside = command.inside === null ? null : nodes[command.inside];
    const node = traceCommand(command, outside?.parts ?? inner.trace);
    nodes.push(node);
    const own: Session = { ...inner, trace: node?.parts ?? null };
    const variants = session.seen.length < maxSeen ? variantsOf(command, known) : [command];
    const judged = variants.flatMap((each) => judgeSimple(each, parsed.commands, place, isUsed, own));
    if (node !== null) node.findings = judged;
    found.push(...judged);
  }
  if (parsed.commands.length === 0 && found.length === 0) return [harmless("shell.empty", "does nothing")];
  return found;
}

/** `set -a` hands every later assignment to the commands after it. */
function exportsAll(commands: readonly SimpleCommand[]): boolean {
  return commands.some(
    ({ words }) =>
      words.some((word) => word.value === "set") &&
      words.some((word) => word.value === null || /^-\w*a|^allexport$/.test(word.value)),
  );
}

/** Adds every folder a `cd` of the script may lead to; one that is not known makes all relative paths unknown. */
function follow(parsed: ParsedCommand & { kind: "parsed" }, place: Place): Place {
  let current = place;
  for (const command of parsed.commands) {
    const begins = command.words.findIndex((word) => !/^(builtin|command|--|-p)$/.test(word.value ?? ""));
    const words = command.words.slice(begins < 0 ? command.words.length : begins);
    if (!/^(cd|pushd|popd)$/.test(words[0]?.value ?? "")) continue;
    const target = words
      .slice(1)
      .find((word) => !/^(-[LPen@]*|--)$/.test(word.value ?? "") || word.value === "-");
    if (target?.value === "-" || words[0]?.value === "popd") continue;
    const found = target === undefined ? [current.context.home] : pathsOf(current, target);
    const real = found.map((path) => current.context.realPath(path));
    const climbs = command.repeated && !textOf(target).startsWith("/");
    const isKnown = !climbs && found.every((path) => !/[\u0001\u0002]/.test(path)) && found.length < 16;
    current = {
      ...current,
      cwds: [...new Set([...current.cwds, ...found, ...real])],
      cwdKnown: current.cwdKnown && isKnown,
    };
  }
  return current;
}

function judgeSimple(
  command: SimpleCommand,
  all: readonly SimpleCommand[],
  place: Place,
  isUsed: boolean,
  session: Session,
): Finding[] {
  const found: Finding[] = [];
  let stdin: Stdin =
    command.from.length === 0
      ? { kind: "inherited" }
      : {
          kind: "pipe",
          words: command.from.flatMap((index) => all[index]?.words ?? []),
          upstream: upstreamOf(command, all),
        };
  for (const redirect of command.redirects) {
    if (redirect.kind === "text") stdin = { kind: "text", text: redirect.text };
    else if (redirect.kind === "read") {
      stdin = redirect.target.value === "/dev/null" ? { kind: "text", text: "" } : { kind: "file" };
      found.push(...judgeRead(place, redirect.target));
    } else found.push(...judgeWrite(place, redirect.target));
  }
  for (const assignment of command.assignments) {
    const isHanded = command.words.length > 0;
    const change = isUsed || isHanded ? judgeVariable(assignment.name, assignment.value, isHanded) : null;
    if (change !== null) found.push(change);
  }
  // A redirection needs no command to write: a rule of the policy for any command is one for it too.
  if (command.words.length === 0 && command.redirects.length > 0)
    session.seen.push(command.redirects.map(redirectText).join(" "));
  if (command.words.length > 0) {
    const inner = judgeWords(command.words, place, stdin, session);
    // Setting a search path is nothing until something is searched for.
    found.push(...inner.filter((one) => isUsed || one.rule !== "environment.loads-code"));
  } else if (found.length === 0)
    found.push(harmless("shell.assignment", "sets a variable of a throw-away shell"));
  remember(found, place, session);
  return found;
}

/** The words of every command whose output can reach its input. */
function upstreamOf(command: SimpleCommand, all: readonly SimpleCommand[]): (readonly Word[])[] {
  const reached = new Set(command.from);
  for (const index of reached) for (const before of all[index]?.from ?? []) reached.add(before);
  return [...reached].map((index) => all[index]?.words ?? []);
}

function remember(found: readonly Finding[], place: Place, session: Session): void {
  for (const each of found.flatMap((one) => one.effects)) {
    if (each.kind !== "write") continue;
    for (const cwd of [place.context.worktree, ...place.cwds])
      session.written.add(each.target.startsWith("/") ? each.target : `${cwd}/${each.target}`);
  }
}

function judgeNested(words: readonly Word[], place: Place, stdin: Stdin, session: Session): Finding[] {
  return traceWords(words, session.trace, (trace) => judgeWords(words, place, stdin, { ...session, trace }));
}

function judgeWords(words: readonly Word[], place: Place, stdin: Stdin, session: Session): Finding[] {
  if (session.depth > maxNesting) return [refuse("shell.too-deep", "commands nested too deeply")];
  const [first, ...args] = words;
  if (first === undefined) return [harmless("shell.empty", "does nothing")];
  const inner: Session = { ...session, depth: session.depth + 1 };
  if (first.value === null) {
    session.seen.push(words.map((word) => word.value ?? word.text).join(" "));
    return [refuse("shell.computed-command", `which command ${first.text} is, is only known at run time`)];
  }
  const path = first.value;
  // Some shell, or the wrapper that hands it on, takes it for an option.
  if (path.startsWith("-")) return [refuse("command.option", `${show(path)} is no command`)];
  const name = systemFolders.test(path) ? path.replace(/^.*\//, "") : path;
  session.seen.push([name, ...args.map((word) => word.value ?? word.text)].join(" "));
  const base = name.replace(/^.*\//, "");
  if (base === "nimrod" || base.startsWith("nimrod@"))
    return judgeTool("nimrod", tools.get("nimrod"), args, place, stdin, inner);
  if (name.includes("/")) return judgeFile(first, args, place, inner);
  return judgeTool(name, tools.get(name), args, place, stdin, inner);
}

function judgeTool(
  name: string,
  tool: Tool | undefined,
  args: readonly Word[],
  place: Place,
  stdin: Stdin,
  session: Session,
): Finding[] {
  if (tool === undefined)
    return [
      finding("explicit", "command.unknown", `${show(name)} is not known to the gate`, [
        effect("unknown", show(name), "none"),
      ]),
    ];
  if ("subs" in tool) return judgeGroup(name, tool, args, place, stdin, session, "");
  const only = args.length === 1 ? (args[0]?.value ?? "") : "";
  if (only === "--help" || only === "--version") return [harmless(`${name}.help`, "prints help")];
  return judgeRow(name, tool, args, place, stdin, session, "");
}

function judgeGroup(
  name: string,
  group: Group,
  args: readonly Word[],
  place: Place,
  stdin: Stdin,
  session: Session,
  outer: string,
): Finding[] {
  const scan = scanOptions(args, optionSpec(`${outer} ${group.global}`), group.style ?? "first");
  const [sub, ...rest] = scan.operands;
  const before = group.before?.(scan, place) ?? { place, findings: [] };
  if (scan.unknown !== null && !/^--(help|version)$/.test(scan.unknown))
    return [...before.findings, undeclared(name, scan.unknown)];
  if (sub === undefined)
    return [
      ...before.findings,
      ...(group.bare === undefined || scan.unknown !== null
        ? [harmless(name, "prints help")]
        : judgeRow(name, group.bare, args, before.place, stdin, session, `${outer} ${group.global}`)),
    ];
  if (sub.value === null)
    return [refuse(`${name}.computed`, `which subcommand ${sub.text} is, is only known at run time`)];
  const rule = `${name}.${sub.value}`;
  if (before.instead !== undefined)
    return [...before.findings, ...judgeRow(rule, before.instead, rest, before.place, stdin, session, "")];
  const found = Object.hasOwn(group.subs, sub.value)
    ? group.subs[sub.value]
    : sub.value === "help" || sub.value === "version"
      ? helpRow
      : group.subs["*"];
  if (found === undefined)
    return [
      finding("explicit", `${name}.unknown`, `${name} ${show(sub.value)} is not known to the gate`, [
        effect("unknown", show(sub.value), "none"),
      ]),
    ];
  if (rest.length === 1 && rest[0]?.value === "--help")
    return [...before.findings, harmless(`${rule}.help`, "prints help")];
  const options = group.ownOptions === true ? outer : `${outer} ${group.global}`;
  const inner =
    "subs" in found
      ? judgeGroup(rule, found, rest, before.place, stdin, session, options)
      : judgeRow(rule, found, rest, before.place, stdin, session, options);
  return [...before.findings, ...inner];
}

const helpRow: Row = { options: "any", plain: true, judge: (call) => [harmless(call.rule, "prints help")] };

function judgeRow(
  rule: string,
  row: Row,
  args: readonly Word[],
  place: Place,
  stdin: Stdin,
  session: Session,
  outer: string,
): Finding[] {
  const isAny = row.options === "any";
  const scan = isAny
    ? looseScan(args)
    : scanOptions(args, optionSpec(`${outer} ${row.options}`), row.style ?? "gnu");
  if (!isAny && scan.unknown !== null) return [undeclared(rule, scan.unknown), ...deniedPaths(args, place)];
  if (!isAny && scan.open !== null && !startsNested(row, scan.operands)) {
    return [
      finding("explicit", `${rule}.open-option`, `${scan.open.text} may turn out to be an option`, [
        effect("unknown", scan.open.text, "none"),
      ]),
    ];
  }
  const call: Call = {
    rule,
    args,
    scan,
    place,
    stdin,
    nested: (words, at) => judgeNested(words, at ?? place, stdin, session),
    script: (text) => judgeText(text, place, session),
    file: (word, given = []) => judgeFile(word, given, place, session),
  };
  const judged = row.judge(call);
  return [
    ...judged,
    ...(isAny && row.wraps !== true ? outsideWords(call, judged) : []),
    ...snared(rule, args, place, isAny && row.wraps !== true),
    ...(row.plain === true ? [] : secretWords(args, place)),
  ];
}

/** What wraps another command hands the open words on; they are judged there. */
function startsNested(row: Row, operands: readonly Word[]): boolean {
  return row.wraps === true && operands[0]?.value != null;
}

function looseScan(args: readonly Word[]): Call["scan"] {
  return {
    given: new Map(),
    operands: args.filter((word) => !leadingText(word).startsWith("-") || word.value === "-"),
    unknown: null,
    open: null,
  };
}

/** Even a refused call is denied when it names what nobody may touch. */
function deniedPaths(args: readonly Word[], place: Place): Finding[] {
  return args
    .filter((word) => !leadingText(word).startsWith("-"))
    .flatMap((word) => judgeWrite(place, word))
    .filter((one) => one.tier === "deny");
}

/** A credential file named anywhere in a command is a credential read, whatever the tool does with it. */
function secretWords(args: readonly Word[], place: Place): Finding[] {
  return args
    .flatMap((word) => pathLike(word).flatMap((part) => judgeRead(place, part)))
    .filter((one) => one.tier !== "none");
}

function pathLike(word: Word): Word[] {
  const head = leadingText(word);
  if (head.includes("://")) return [];
  const parts = [word];
  for (const mark of ["=", ":", "@"]) {
    const at = head.indexOf(mark);
    if (at !== -1) parts.push(after(word, at + 1));
  }
  if (/^-[A-Za-z]./.test(head)) parts.push(after(word, 2));
  return parts;
}

/** Runs a file. One of the worktree is the project's own, unless this very action wrote it. */
function judgeFile(word: Word, args: readonly Word[], place: Place, session: Session): Finding[] {
  const opaque = (reason: string): Finding[] => [
    finding("explicit", "run.opaque-file", reason, [effect("execute-opaque", word.text, "host")]),
  ];
  if (word.value === null) return opaque(`which file ${word.text} is, is only known at run time`);
  if (word.value === "-") return opaque("reads code from its input");
  const secrets = judgeRead(place, word).filter((one) => one.tier !== "none");
  if (!isInWorktree(place, word))
    return [...opaque(`${word.value} is code outside the worktree`), ...secrets];
  const paths = pathsOf(place, word);
  if (paths.some((path) => session.written.has(path)))
    return opaque(`${word.value} is written and run in one go`);
  const operates =
    /(^|\/)(bin\.[cm]?[jt]s|nimrod(\.[cm]?js)?)$/.test(word.value) &&
    /^(approve|deny|answer|trust|attest|revise|close|policy)$/.test(args[0]?.value ?? "");
  if (operates)
    return [
      finding("deny", "nimrod.act", "an agent never operates Nimrod", [
        effect("write", word.value, "nimrod"),
      ]),
    ];
  return [
    projectCode({ rule: "run.project-file", place }),
    ...secrets,
    ...asTool(word.value, args, place, session),
  ];
}

/** Programs that projects bring along under a name of their own, and the tool whose words they take. */
const broughtAlong: Readonly<Record<string, string>> = {
  gradlew: "gradle",
  mvnw: "mvn",
  "manage.py": "django-admin",
  rails: "rails",
  rake: "rake",
  artisan: "artisan",
};

/** What the words say beyond running the project's code: `./gradlew publish` still publishes. */
function asTool(path: string, args: readonly Word[], place: Place, session: Session): Finding[] {
  const base = path.replace(/^.*\//, "");
  const name = Object.hasOwn(broughtAlong, base) ? broughtAlong[base] : undefined;
  if (name === undefined) return [];
  return judgeTool(name, tools.get(name), args, place, { kind: "inherited" }, session).filter(
    (one) => one.tier !== "none",
  );
}

function undeclared(rule: string, option: string): Finding {
  return finding("explicit", `${rule}.option`, `${option} is not known to be harmless`, [
    effect("unknown", option, "none"),
  ]);
}

function refuse(rule: string, reason: string, tier: Tier = "explicit"): Finding {
  return explicitly(tier, rule, reason);
}

function explicitly(tier: Tier, rule: string, reason: string): Finding {
  return { ...explicit({ rule }, "", reason, "execute-opaque", "none"), tier };
}

function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text).slice(1, -1);
}
