import { parseCommand } from "../parse-command.ts";
import type { Word } from "../parsed-command.ts";
import { judgeVariable } from "./environment.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import { after, leadingText } from "./options.ts";
import {
  always,
  type Call,
  explicit,
  forgetsRepository,
  named,
  prints,
  type Table,
  textOf,
  withoutEnvironment,
} from "./row.ts";

/** What bash does itself. */
export const shellBuiltins = (): Table => ({
  ...named(
    ": true false pwd exit return break continue shift times caller umask ulimit fg bg help disown suspend logout type dirs popd bash-help",
    prints(),
  ),
  // Not -x, which starts a command.
  jobs: prints("l n p r s"),
  // Not -C, -F and -W, which evaluate what they are given.
  compgen: prints("a b c d e f g j k s u v A= o="),
  ...named("cd pushd", {
    options: "any",
    judge: (call) => [harmless(call.rule, "changes folder for what follows")],
  }),
  ...named("set shopt", { options: "any", plain: true, judge: judgeSet }),
  ...named("export declare typeset local readonly", { options: "any", plain: true, judge: judgeDeclare }),
  ...named("read mapfile readarray getopts unset", { options: "any", plain: true, judge: judgeNames }),
  ...named("alias unalias enable bind complete compopt fc history let hash", {
    options: "any",
    plain: true,
    judge: judgeRedefinition,
  }),
  wait: { options: "any", plain: true, judge: judgeWait },
  ...named("test [", { options: "any", plain: true, judge: judgeTest }),
  printf: { options: "any", plain: true, judge: judgePrintf },
  eval: {
    options: "any",
    wraps: true,
    judge: (call) => {
      const values = call.args.map((word) => word.value);
      if (values.some((value) => value === null))
        return [opaque(call, "evaluates text that is only known at run time")];
      return runsHere(call, values.filter((value) => value !== "--").join(" "));
    },
  },
  ...named("source .", {
    options: "any",
    wraps: true,
    judge: (call) =>
      call.args[0] === undefined
        ? [opaque(call, "sources nothing that can be seen")]
        : call.file(call.args[0]),
  }),
  trap: {
    options: "l p",
    wraps: true,
    judge: (call) => {
      const action = call.scan.operands[0];
      if (call.scan.operands.length < 2 || action === undefined || ["", "-"].includes(action.value ?? "?"))
        return [harmless(call.rule)];
      return action.value === null
        ? [opaque(call, "traps with text that is only known at run time")]
        : runsHere(call, action.value);
    },
  },
  exec: {
    options: "c l a=",
    style: "first",
    wraps: true,
    judge: (call) =>
      call.scan.operands.length === 0
        ? [harmless(call.rule)]
        : call.scan.given.has("c")
          ? withoutEnvironment(call, call.scan.operands)
          : call.nested(call.scan.operands),
  },
  command: {
    options: "p v V",
    style: "first",
    wraps: true,
    judge: (call) =>
      call.scan.given.has("v") || call.scan.given.has("V")
        ? [harmless(call.rule, "looks a command up")]
        : nestedOrNothing(call),
  },
  builtin: { options: "", style: "first", wraps: true, judge: nestedOrNothing },
  kill: {
    options: "any",
    plain: true,
    judge: (call) => {
      const only = call.args.length <= 2 && /^-[lL]$/.test(textOf(call.args[0]));
      const probe = call.args.length === 2 && textOf(call.args[0]) === "-0";
      if (only || probe) return [harmless(call.rule, "sends no signal")];
      return [
        explicit(call, "", "signals other processes", "process", "host", call.args.map(textOf).join(" ")),
      ];
    },
  },
  logout: always("none", "read", "none", "ends the shell"),
});

function nestedOrNothing(call: Call): Finding[] {
  return call.scan.operands.length === 0 ? [harmless(call.rule)] : call.nested(call.scan.operands);
}

function opaque(call: Call, reason: string): Finding {
  return explicit(call, "opaque", reason, "execute-opaque", "none");
}

/** What these do outlives the text that is evaluated: a folder, a variable, a name. */
const lasting =
  /^(cd|pushd|popd|dirs|set|shopt|export|declare|typeset|local|readonly|read|mapfile|readarray|getopts|unset|printf|wait|let|eval|source|\.|trap|exec|command|builtin)$/;

/** Text that this very shell evaluates, so that the commands after it see what it changed. */
function runsHere(call: Call, text: string): Finding[] {
  const found = call.script(text);
  const parsed = parseCommand(text);
  if (parsed.kind === "unparsed") return found;
  const changes =
    parsed.bindings.size > 0 ||
    parsed.functions.size > 0 ||
    parsed.commands.some((command) => lasting.test(command.words[0]?.value ?? "cd"));
  return changes ? [opaque(call, "changes the shell that reads what follows"), ...found] : found;
}

/** Without `k`, which makes any later word of the form `NAME=…` an assignment. */
const calmOptions = /^[-+]([abefhmnptuvxBCEHPT]*o?|-)$/;
export const shiftingOptions = /^(expand_aliases|keyword|extdebug|sourcepath)$/;

function judgeSet(call: Call): Finding[] {
  if (call.args.length === 0 && call.rule === "set") {
    return [finding("brief", "set.all", "prints every variable", [effect("read", "environment", "none")])];
  }
  // `set -x` prints PS4, which an assignment of PS4 is asked about; positional parameters are plain text.
  const isCalm = call.args.every(
    (word) => word.value !== null && (calmOptions.test(word.value) || /^\w[\w.-]*$/.test(word.value)),
  );
  const isShifting = call.args.some((word) => shiftingOptions.test(textOf(word)));
  if (isCalm && !isShifting) return [harmless(call.rule, "sets an option of this shell")];
  return [explicit(call, "option", "changes how the shell reads what follows", "execute-opaque", "none")];
}

function judgeDeclare(call: Call): Finding[] {
  const found: Finding[] = [];
  if (call.args.length === 0 || call.args.every((word) => /^-[pxF]+$/.test(textOf(word)))) {
    return [
      finding("brief", `${call.rule}.all`, "prints the environment", [effect("read", "environment", "none")]),
    ];
  }
  const isHanded = call.rule === "export" || call.args.some((word) => /^-\w*x/.test(leadingText(word)));
  for (const word of call.args) {
    const head = leadingText(word);
    if (head.startsWith("-") || head.startsWith("+")) {
      // -n makes a name stand for another, -i evaluates values as arithmetic.
      if (!/^[-+][aAfFglprtuxI]*$/.test(textOf(word))) {
        const isNumber =
          /^-[xgr]*i[xgr]*$/.test(textOf(word)) &&
          call.args.slice(1).every((each) => /^\w+(=\d*)?$/.test(textOf(each)) && holdsNumbers(call, each));
        if (!isNumber) found.push(opaque(call, `${word.text} makes values be evaluated`));
      }
      continue;
    }
    const name = /^([A-Za-z_]\w*)(\+?=|$)/.exec(head);
    if (name?.[1] === undefined || (head === name[1] && word.value === null)) {
      found.push(opaque(call, `${word.text} is not a plain variable`));
      continue;
    }
    // `-a x='(…)'` is a list, and its subscripts are evaluated.
    if (/^[\w]+\+?=\(/.test(textOf(word))) found.push(opaque(call, `${word.text} is read as a list`));
    const change = judgeVariable(name[1], after(word, name[0].length), isHanded);
    if (change !== null) found.push(change);
  }
  return [harmless(call.rule, "sets a variable"), ...found];
}

/** Whatever the script assigns to it, here or later, is evaluated. */
function holdsNumbers({ place }: Call, word: Word): boolean {
  const values = place.bindings.get(/^\w+/.exec(textOf(word))?.[0] ?? "") ?? [];
  return values.every((value) => /^\d*$/.test(value.value ?? "x"));
}

/** `-p NAME` is given the job that ended; a subscript in the name is evaluated. */
function judgeWait(call: Call): Finding[] {
  const at = call.args.findIndex((word) => word.value === "-p");
  const name = at < 0 ? null : call.args[at + 1];
  const rest = call.args.filter((_word, index) => at < 0 || (index !== at && index !== at + 1));
  if ((name !== null && !isName(name)) || !rest.every((word) => isJob(call, word)))
    return [opaque(call, "may evaluate the subscript of a variable")];
  const changed = name === null ? null : judgeVariable(textOf(name), null, false);
  return [harmless(call.rule, "waits"), ...(changed === null ? [] : [changed])];
}

/** A number, a job, `$!`, or a variable that was only ever given one. */
function isJob({ place }: Call, word: Word): boolean {
  if (word.value !== null) return /^(%?\w+|%[+%-]|-n|-f|-nf|-fn)$/.test(word.value);
  if (/^"?\$!"?$/.test(word.text)) return true;
  const name = /^"?\$\{?(\w+)\}?"?$/.exec(word.text)?.[1] ?? "";
  const given = place.bindings.get(name) ?? [];
  return given.length > 0 && given.every(({ text }) => /^"?\$!"?$/.test(text));
}

function judgeNames(call: Call): Finding[] {
  if (call.args.some((word) => /^-[a-zA-Z]*a./.test(textOf(word))))
    return [opaque(call, "fills a list whose name is part of an option")];
  const callback = call.args.some(
    (word) => /^-[a-zA-Z]*C/.test(textOf(word)) && call.rule !== "unset" && call.rule !== "read",
  );
  if (callback) return [opaque(call, "runs a callback for what it reads")];
  // What follows an option that takes a value is no name.
  const odd = call.args.find(
    (word, index) =>
      word.splits ||
      (word.value ?? "").includes("[") ||
      (word.value === null && !/^-\w*[pdntuiNOcsC]$/.test(textOf(call.args[index - 1]))),
  );
  if (odd !== undefined) return [opaque(call, `${odd.text} may hold a subscript that bash evaluates`)];
  const load = call.args
    .map((word) => judgeVariable(textOf(word), null, false))
    .filter((one) => one !== null && call.rule !== "unset");
  const forgets = call.rule === "unset" && call.args.some((word) => /^GIT_|^$/.test(word.value ?? ""));
  return [
    harmless(call.rule, "sets a variable"),
    ...load.filter((one) => one !== null),
    ...(forgets ? [forgetsRepository(call)] : []),
  ];
}

function judgeRedefinition(call: Call): Finding[] {
  const looksUp =
    call.rule === "hash" &&
    call.args.every(
      (word) => /^(-[rlt]+|[\w.][\w.-]*)$/.test(textOf(word)) && !/^-[^rlt]/.test(textOf(word)),
    );
  if (
    looksUp ||
    call.args.length === 0 ||
    (call.rule === "alias" && call.args.every((word) => word.value !== null && /^(-p|\w+)$/.test(word.value)))
  ) {
    return [harmless(call.rule, "prints definitions")];
  }
  return [explicit(call, "redefine", "changes what words mean to the shell", "execute-opaque", "none")];
}

/** `-v name[…]` evaluates the subscript, also in `test`. */
function judgeTest(call: Call): Finding[] {
  const args = call.args.filter((word) => word.value !== "]");
  const open = args.some((word) => word.splits) || (args.length === 2 && args[0]?.value === null);
  const subscript = args.some((word, index) => /^-[vR]$/.test(word.value ?? "") && !isName(args[index + 1]));
  if (open || subscript) return [opaque(call, "may evaluate a subscript of a variable")];
  return [harmless(call.rule, "compares")];
}

function judgePrintf(call: Call): Finding[] {
  const first = call.args[0];
  if (first === undefined) return [harmless(call.rule)];
  const head = leadingText(first);
  if (head.startsWith("-v") && !(head === "-v" && isName(call.args[1])))
    return [opaque(call, "evaluates the subscript of a variable")];
  if (first.splits || (first.value === null && head === ""))
    return [opaque(call, "its first word may be an option")];
  const variable = head === "-v" ? judgeVariable(textOf(call.args[1]), null, false) : null;
  if (variable !== null) return [variable];
  return [harmless(call.rule, "prints")];
}

function isName(word: Word | undefined): boolean {
  return /^[A-Za-z_]\w*$/.test(word?.value ?? "");
}
