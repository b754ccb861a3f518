import type { Word } from "../parsed-command.ts";
import type { Finding } from "./finding.ts";
import { leadingText } from "./options.ts";
import { outsideWords } from "./outside-words.ts";
import {
  type Call,
  explicit,
  has,
  named,
  projectCode,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import {
  destroys,
  edits,
  hasFlag,
  installs,
  machine,
  opaque,
  publishes,
  query,
  runs,
  split,
  valuesGiven,
} from "./verbs.ts";

/** make, CMake, Ninja, Meson, just, Task, pre-commit: what they run is the project's, unless a target's name says where it goes. */

const installing = /^(install|uninstall)([-_/:].*)?$/;
const installsProject =
  /^install[-_:](deps|dependencies|dev|tools|requirements|packages|modules|npm|python)$/;
const handing =
  /^(deploy|publish|release|upload|push|ship|undeploy|destroy)([-_/:].*)?$|[-_/:](deploy|publish|upload|push|ship|undeploy)([-_/:]|$)/;

/** What the names of the targets say: to the machine, or to others. */
function targets(call: Call, names: readonly string[]): Finding[] {
  if (names.some((name) => handing.test(name))) return publishes.judge(call);
  if (names.some((name) => installing.test(name) && !installsProject.test(name))) return machine.judge(call);
  return [];
}

function judgeMake(call: Call): Finding[] {
  const folders = valuesOf(call.scan, "C", "directory", "f", "file", "makefile", "I", "include-dir");
  const outside = folders.flatMap((word) => call.file(word)).filter((one) => one.tier !== "brief");
  const odd = call.scan.operands.find((word) =>
    /^(SHELL|MAKEFLAGS|MAKEFILES|\.SHELLFLAGS|CC|CXX|LD|AR)\s*[:+?!]*=/.test(textOf(word)),
  );
  if (odd !== undefined)
    return [explicit(call, "variable", `${odd.text} changes what make runs`, "execute-opaque", "none")];
  const acts = call.scan.operands.flatMap((word) => assigned(call, word));
  if (acts.length > 0) return acts;
  // A dry run still runs what $(shell …) and lines with + say.
  const isDry = has(call.scan, "n", "just-print", "dry-run", "recon", "q", "question");
  const names = call.scan.operands.map(textOf).filter((text) => !text.includes("="));
  return [projectCode(call), ...outside, ...(isDry ? [] : targets(call, names))];
}

/** `NAME=text` may be run by a recipe, and make itself runs what stands in `$(…)`. */
function assigned(call: Call, word: Word): Finding[] {
  const text = /^[\w.-]+\s*[:+?!]*=(.*)$/s.exec(textOf(word))?.[1];
  if (text === undefined || text === "") return [];
  if (/[`$;|&<>\n]/.test(text))
    return [explicit(call, "variable", `${word.text} may be run by make`, "execute-opaque", "none")];
  return call
    .script(text)
    .filter((one) => one.tier === "explicit" || one.tier === "deny")
    .filter((one) => !/^(command\.|shell\.|run\.)|\.(option|unknown)$/.test(one.rule));
}

const calmCommand =
  /^(capabilities|echo|echo_append|environment|compare_files|md5sum|sha\d+sum|sleep|true|false|help)$/;

function judgeCmake(call: Call): Finding[] {
  const [first] = call.args;
  const text = textOf(first);
  if (/^--(help.*|version|system-information|list-presets.*)$/.test(text) || /^-[NL]+[AH]*$/.test(text))
    return query.judge(call);
  if (text === "--install") return machine.judge(call);
  if (text === "-E") {
    const name = textOf(call.args[1]);
    if (calmCommand.test(name)) return query.judge(call);
    if (/^(make_directory|touch|touch_nocreate)$/.test(name)) return writeAll(call, call.args.slice(2));
    return opaque.judge(call);
  }
  const named = call.args.flatMap((word, index) =>
    /^(-t|--target)$/.test(textOf(word))
      ? [textOf(call.args[index + 1])]
      : /^--target=/.test(textOf(word))
        ? [textOf(word).slice(9)]
        : [],
  );
  const builds = call.args.flatMap((word, index) =>
    text === "--build" && index > 0 && !leadingText(word).startsWith("-") ? [textOf(word)] : [],
  );
  const scripts = valuesGiven(call, "P")
    .flatMap((word) => call.file(word))
    .filter((one) => one.tier !== "brief");
  const odd = call.args.find(
    (word) =>
      /^-D?CMAKE_(\w+_COMPILER_LAUNCHER|\w*MAKE_PROGRAM|TOOLCHAIN_FILE)[:=]|^-DCMAKE_TOOLCHAIN_FILE/.test(
        textOf(word),
      ) && /=\/|=~/.test(textOf(word)),
  );
  if (odd !== undefined)
    return [explicit(call, "program", `${odd.text} chooses a program`, "execute-opaque", "none")];
  return [
    ...runs.judge(call),
    ...scripts,
    ...writeAll(call, valuesGiven(call, "B", "graphviz")),
    ...targets(call, [...named, ...builds.slice(1)]),
  ];
}

/** A runner of named tasks; some flags only list. */
function runner(lists: readonly string[], refused: readonly RegExp[] = []): Row {
  return {
    options: "any",
    judge: (call) => {
      if (call.args.some((word) => word.splits)) return opaque.judge(call);
      const odd = call.args.find(
        (word, index) =>
          refused.some((pattern) => pattern.test(leadingText(word))) ||
          (/^(-f|-d|-C|--justfile|--working-directory|--taskfile|--dir)$/.test(textOf(word)) &&
            /^(\/|~|\.\.)/.test(textOf(call.args[index + 1]))),
      );
      if (odd !== undefined)
        return [
          explicit(call, "option", `${odd.text} changes what is run or where`, "execute-opaque", "none"),
        ];
      if (hasFlag(call, ...lists)) return query.judge(call);
      return [...runs.judge(call), ...targets(call, call.scan.operands.map(textOf))];
    },
  };
}

const elsewhere = [
  /^((-t|--taskfile)=?)?(https?|git|ssh):/,
  /^(-f|-d|--justfile|--working-directory|--taskfile|--dir)(=|$)?(\/|\.\.|~)/,
  /^(-g|--global|--global-justfile|--shell|--shell-arg|-c|--command)(=|$)/,
];

export const taskRunners = (): Table => ({
  ...named("make gmake bmake", {
    options:
      "# j= jobs=? k keep-going s silent quiet n just-print dry-run recon B always-make C= directory= f= file= makefile= I= include-dir= o= old-file= assume-old= W= what-if= new-file= assume-new= t touch q question i ignore-errors w print-directory no-print-directory l=? load-average=? O=? output-sync=? trace warn-undefined-variables e environment-overrides p print-data-base r no-builtin-rules R no-builtin-variables d debug=? S no-keep-going stop shuffle=? v version h help no-silent L check-symlink-times",
    judge: judgeMake,
  }),
  cmake: { options: "any", judge: judgeCmake },
  ctest: runner(["-N", "--show-only", "--version", "--print-labels"], [/^-S$|^-SP$|^-D$|^--submit|^-T$/]),
  cpack: runs,
  ninja: split(
    (call) =>
      hasFlag(call, "--version") ||
      /^(targets|deps|graph|query|commands|rules|inputs|missingdeps|compdb)$/.test(
        textOf(valuesGiven(call, "t")[0]),
      ),
    query,
    runner([], [/^-C(\/|\.\.)/]),
  ),
  meson: {
    options: "any",
    judge: (call) => {
      const [first = ""] = call.scan.operands.map(textOf);
      if (/^(introspect|help)$/.test(first)) return query.judge(call);
      if (first === "install") return machine.judge(call);
      return /^(devenv)$/.test(first) ? opaque.judge(call) : runs.judge(call);
    },
  },
  just: runner(
    [
      "-l",
      "--list",
      "--summary",
      "--dump",
      "-s",
      "--show",
      "--usage",
      "--variables",
      "--groups",
      "--man",
      "--changelog",
      "--completions",
    ],
    elsewhere,
  ),
  ...named("task go-task", runner(["-l", "--list", "-a", "--list-all", "--summary", "--version"], elsewhere)),
  ...named(
    "invoke inv doit poe nox mage grunt gulp jake sake xtask scons waf",
    runner(["-l", "--list", "--list-sessions", "--tasks", "-T"], [/^-f(\/|\.\.)/]),
  ),
  tox: {
    options: "any",
    wraps: true,
    judge: (call) => {
      const after = call.args.findIndex((word) => word.value === "--");
      const isExec = call.args.some((word) => /^(e|exec)$/.test(textOf(word)));
      const row = runner(["-l", "--listenvs"], [/^-f(\/|\.\.)/]).judge(call);
      return [
        ...row,
        ...outsideWords(call, row),
        ...(isExec && after !== -1 ? call.nested(call.args.slice(after + 1)) : []),
      ];
    },
  },
  "pre-commit": {
    options: "any",
    judge: (call) => {
      const [first = ""] = call.scan.operands.map(textOf);
      if (/^(validate-config|validate-manifest|sample-config|help)$/.test(first)) return query.judge(call);
      if (/^(run)$/.test(first)) return runs.judge(call);
      if (first === "install-hooks") return installs.judge(call);
      if (/^(autoupdate|migrate-config)$/.test(first)) return edits.judge(call);
      if (/^(clean|gc)$/.test(first)) return destroys.judge(call);
      // It writes a hook into the repository, or runs one that is not the project's.
      return call.args.length === 0 ? runs.judge(call) : opaque.judge(call);
    },
  },
  // Watches, and runs what it is given.
  nodemon: {
    options: "any",
    judge: (call) =>
      hasFlag(call, "-x", "--exec", "-r", "--require") || call.scan.operands[0] === undefined
        ? opaque.judge(call)
        : call.file(call.scan.operands[0], call.scan.operands.slice(1)),
  },
  watchexec: {
    options: "e= exts= w= watch= r restart c clear=? i= ignore= n postpone d= debounce= q quiet",
    style: "first",
    wraps: true,
    judge: (call) => [
      ...readAll(call, valuesOf(call.scan, "w", "watch")),
      ...(call.scan.operands.length === 0 ? opaque.judge(call) : call.nested(call.scan.operands)),
    ],
  },
});
