import { literalWord, type Word } from "../parsed-command.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import {
  type Call,
  explicit,
  has,
  liveRead,
  named,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

/** Programs that measure, trace, repeat or hold what they start: peeled, with what they write themselves. */
export const runners = (): Table => ({
  parallel: {
    options:
      "0 null j= jobs= P= max-procs= k keep-order bar eta progress halt= dry-run dryrun tag tagstring= n= max-args= N= X m I= C= colsep= a= arg-file= r no-run-if-empty timeout= delay= retries= joblog= v verbose group u ungroup lb line-buffer will-cite no-notice max-replace-args= d= delimiter= plus version help L= shuf link memfree= load= nice= silent",
    style: "first",
    plain: true,
    wraps: true,
    judge: judgeParallel,
  },
  flock: {
    options:
      "s shared x e exclusive n nb nonblock w= wait= timeout= o close u unlock E= conflict-exit-code= F no-fork v verbose V h",
    style: "first",
    plain: true,
    wraps: true,
    judge: judgeFlock,
  },
  script: {
    options:
      "c= command= q quiet e return f flush a append O= log-out= B= log-io= t=? T= log-timing= E= echo= o= output-limit= V h",
    plain: true,
    wraps: true,
    judge: judgeTypescript,
  },
  ...named("unbuffer", runs("p")),
  ...named("eatmydata catchsegv fakeroot dbus-run-session", runs("v vv e d i m s u")),
  faketime: runs("f m p= exclude-monotonic", [], 1),
  ...named("linux32 linux64", runs("v verbose R 3 B I L S T X Z addr-no-randomize 32bit")),
  "xvfb-run": runs("a auto-servernum n= server-num= s= server-args= e= error-file= w= wait= f= p= l", [
    "e",
    "error-file",
  ]),
  entr: {
    options: "a c d n p r z x s",
    style: "first",
    plain: true,
    wraps: true,
    judge: (call) => {
      const { operands } = call.scan;
      if (!has(call.scan, "s"))
        return operands.length === 0
          ? [harmless(call.rule)]
          : call.nested(operands.map((word) => (word.value === "/_" ? named1("/_") : word)));
      const [text] = operands;
      return text?.value == null
        ? [opaque(call, "runs text that is only known at run time")]
        : call.script(text.value);
    },
  },
  tmux: { options: "2 V u v L= S= l C", style: "first", plain: true, wraps: true, judge: judgeTmux },
  screen: {
    options: "ls list v version S= d r m x R D U q L",
    style: "word",
    plain: true,
    judge: (call) => {
      if (has(call.scan, "ls", "list", "v", "version")) return [liveRead(call.rule)];
      const isStarted = call.scan.operands.length > 0 && !has(call.scan, "r", "x", "R", "D");
      return isStarted || has(call.scan, "L")
        ? [opaque(call, "starts a program in a session")]
        : [session(call)];
    },
  },
  direnv: reads(/^(status|version|help|show_dump)$/),
  capsh: {
    options: "print version help decode= supports= has-p= has-i= has-a= current",
    style: "word",
    plain: true,
    judge: (call) =>
      has(call.scan, "print", "version", "help", "decode", "supports", "has-p", "current") &&
      call.scan.operands.length === 0
        ? [liveRead(call.rule)]
        : [opaque(call, "starts a program with other rights")],
  },
});

function opaque(call: { rule: string }, reason: string): Finding {
  return explicit(call, "opaque", reason, "execute-opaque", "none");
}

function named1(text: string): Word {
  return { text, pieces: [{ kind: "unknown" }], value: null, splits: false };
}

/** Peels its options; `outputs` are those that name a file it writes. */
function runs(options: string, outputs: readonly string[] = [], skip = 0): Row {
  return {
    options,
    style: "first",
    plain: true,
    wraps: true,
    judge: (call) => {
      const rest = call.scan.operands.slice(skip);
      const files = valuesOf(call.scan, ...outputs);
      // strace and perf take `|program` and `!program` for a file.
      const piped = files.find((word) => /^[|!]/.test(textOf(word)));
      const found =
        piped === undefined ? writeAll(call, files) : [opaque(call, `${piped.text} is a program`)];
      return [...found, ...(rest.length === 0 ? [harmless(call.rule)] : call.nested(rest))];
    },
  };
}

function reads(verbs: RegExp): Row {
  return {
    options: "any",
    plain: true,
    judge: (call) => {
      const [verb, ...rest] = call.args.map(textOf);
      const isCalm =
        call.args.every((word) => word.value !== null) &&
        !rest.some((word) =>
          /^(add|remove|set|unset|install|uninstall|run|edit|update|link|ls-remote|rm|i|get-or-set|generate|prune|upgrade)$/.test(
            word,
          ),
        );
      return verbs.test(verb ?? "help") && isCalm
        ? [liveRead(call.rule)]
        : [opaque(call, "installs or starts programs")];
    },
  };
}

/** The template goes through a shell, with each input quoted where `{}` stands, or at the end. */
function judgeParallel(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "version", "help")) return [harmless(call.rule, "prints help")];
  const values = scan.operands.map((word) => word.value);
  const at = values.findIndex((value) => value !== null && /^::::?\+?$/.test(value));
  const template = scan.operands.slice(0, at === -1 ? undefined : at);
  const inputs = at === -1 ? [] : scan.operands.slice(at + 1);
  const own = [
    ...writeAll(call, valuesOf(scan, "joblog")),
    ...readAll(call, valuesOf(scan, "a", "arg-file")),
  ];
  const isListed =
    values[at] === ":::" && inputs.every((word) => word.value !== null && !/^::::?\+?$/.test(word.value));
  if (template.length === 0) {
    if (!isListed || at === -1) return [opaque(call, "runs what it is fed")];
    return [...own, ...inputs.flatMap((word) => call.script(textOf(word)))];
  }
  const text = template.map((word) => word.value ?? "'").join(" ");
  const odd = /['"\\`$#]|\{=/.test(text) || has(scan, "I", "C", "colsep", "plus", "tagstring");
  if (odd) return [opaque(call, "hands text to a shell that the gate does not follow")];
  if (values[at]?.startsWith("::::") === true) own.push(...readAll(call, inputs));
  own.push(...inputs.flatMap((word) => readAll(call, [word])).filter((one) => one.tier !== "none"));
  const simple =
    isListed && inputs.length <= 16 && inputs.every((word) => /^[\w./:@%+,-]+$/.test(textOf(word)));
  const fill = (value: string): string =>
    /\{[\w#%./]*\}/.test(text) ? text.replace(/\{[\w#%./]*\}/g, value) : `${text} ${value}`;
  // The name is none that a script may set; it stands for whatever comes.
  const scripts =
    simple && !/\{[^}]+\}/.test(text) ? inputs.map((word) => fill(textOf(word))) : [fill('"$1"')];
  return [...own, ...scripts.flatMap((script) => call.script(script))];
}

function judgeFlock(call: Call): Finding[] {
  const [file, first, ...rest] = call.scan.operands;
  if (file === undefined) return [harmless(call.rule)];
  const lock = /^\d+$/.test(textOf(file)) ? [harmless(call.rule, "holds a lock")] : writeAll(call, [file]);
  if (first === undefined) return lock;
  if (!/^(-c|--command)$/.test(textOf(first))) return [...lock, ...call.nested([first, ...rest])];
  const text = rest[0]?.value;
  return [
    ...lock,
    ...(text == null ? [opaque(call, "runs text that is only known at run time")] : call.script(text)),
  ];
}

function judgeTypescript(call: Call): Finding[] {
  const { scan } = call;
  if (has(scan, "V", "h")) return [harmless(call.rule, "prints help")];
  const texts = valuesOf(scan, "c", "command").map((word) => word.value);
  if (texts.length === 0 || texts.includes(null)) return [opaque(call, "opens a shell")];
  const files = [...scan.operands, ...valuesOf(scan, "O", "log-out", "B", "log-io", "T", "log-timing", "t")];
  return [
    ...writeAll(call, files.length > 0 ? files : [literalWord("typescript")]),
    ...texts.flatMap((text) => (text === null ? [] : call.script(text))),
  ];
}

function session(call: { rule: string }): Finding {
  return finding("brief", call.rule, "opens a local session", [effect("execute-project", call.rule, "none")]);
}

const tmuxReads =
  /^(ls|list-(sessions|windows|panes|clients|keys|commands|buffers)|lsw|lsp|lsc|lsk|lscm|lsb|has-session|has|info|server-info|show-options|show|show-environment|showenv|show-hooks|show-messages|showmsgs|display-message|display|capture-pane|capturep|show-buffer|showb)$/;

function judgeTmux(call: Call): Finding[] {
  const [verb, ...rest] = call.scan.operands.map((word) => word.value ?? "?");
  if (has(call.scan, "V")) return [harmless(call.rule, "prints its version")];
  // `#(…)` in a format is a shell command.
  if (rest.some((word) => word === "?" || word.includes("#(")))
    return [opaque(call, "a format can run a program")];
  if (rest.some((word) => /^;|;$/.test(word))) return [opaque(call, "a second command follows")];
  const isPrinted =
    !/^(display|display-message|capture-pane|capturep)$/.test(verb ?? "") ||
    rest.some((word) => /^-[a-zA-Z]*p/.test(word));
  if (verb !== undefined && tmuxReads.test(verb) && isPrinted) return [liveRead(`tmux.${verb}`)];
  const operands = rest.filter(
    (word, index) => !word.startsWith("-") && !/^-[a-zA-Z]*[snctxyF]$/.test(rest[index - 1] ?? ""),
  );
  const opens =
    verb === undefined ||
    (/^(new|new-session|a|at|attach|attach-session)$/.test(verb) && operands.length === 0);
  return [opens ? session(call) : opaque(call, "acts on a session, or starts a program in one")];
}
