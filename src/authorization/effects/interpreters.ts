import { literalWord, type Word } from "../parsed-command.ts";
import { type Finding, harmless } from "./finding.ts";
import { pureCode } from "./inline-code.ts";
import { leadingText } from "./options.ts";
import { outsideWords } from "./outside-words.ts";
import { type Call, explicit, named, projectCode, readAll, type Table, textOf, writeAll } from "./row.ts";
import { shiftingOptions } from "./shell-builtins.ts";

/** Shells and language runtimes: a file of the worktree is the project's code, text is opaque unless it is shell. */
export const interpreters = (): Table => ({
  ...named("sh bash dash zsh ksh ash rbash mksh fish", {
    options: "any",
    wraps: true,
    plain: true,
    judge: judgeShell,
  }),
  ...named("node nodejs tsx ts-node", { options: "any", wraps: true, judge: judgeNode }),
  ...named("python python3 python2 pypy pypy3", { options: "any", wraps: true, judge: judgePython }),
});

/** `sh -c TEXT` is the text itself; `sh FILE` the project's script; a bare shell reads code from whoever feeds it. */
function judgeShell(call: Call): Finding[] {
  const { args, stdin } = call;
  if (call.rule === "fish" && !/^-[cn]$/.test(args[0]?.value ?? "-") && textOf(args[0]).startsWith("-"))
    return [opaque(call, "fish reads its options anywhere, and runs what one of them holds")];
  let index = 0;
  let isText = false;
  let onlyParses = false;
  let mayRun = false;
  for (; index < args.length; index += 1) {
    const value = args[index]?.value;
    if (value == null) return [opaque(call, "a shell whose words are only known at run time")];
    if (!/^[-+]/.test(value) || value === "-") break;
    if (value === "--") {
      index += 1;
      break;
    }
    if (/^--(norc|noprofile|posix|login|restricted)$/.test(value)) continue;
    const named = value.endsWith("o") ? (args[index + 1]?.value ?? "keyword") : "";
    if (!/^[-+][befhlmnpstuvxBCEHPc]*o?$/.test(value) || shiftingOptions.test(named) || named === "allexport")
      return [opaque(call, `${value} changes what the shell reads`)];
    // Nothing turns -n off again, but an interactive shell ignores it.
    if (/^-[a-z]*n/.test(value) && !value.includes("i")) onlyParses = true;
    if (/^\+|i/.test(value)) mayRun = true;
    if (value.includes("c")) isText = true;
    if (value.includes("s")) return [opaque(call, "reads code from its input")];
    if (value.endsWith("o")) index += 1;
  }
  const word = args[index];
  if (onlyParses && !mayRun)
    return [
      harmless(`${call.rule}.check`, "only checks syntax"),
      ...(isText || word === undefined ? [] : readAll(call, [word])),
    ];
  if (isText) {
    if (word?.value == null) return [opaque(call, "runs text that is only known at run time")];
    const given = args.slice(index + 1);
    if (call.rule === "fish" && given.some((each) => !/^[^-]/.test(leadingText(each))))
      return [opaque(call, "fish reads its options anywhere, and runs what one of them holds")];
    // The text names them by their numbers: what is secret among them is read by it, and arithmetic runs a subscript.
    if (given.some((each) => /\[[^\]]*[$`]/.test(textOf(each))))
      return [opaque(call, "hands the text what arithmetic would run")];
    return [...shellText(call, word.value), ...readAll(call, given).filter((one) => one.tier !== "none")];
  }
  if (word !== undefined && word.value !== "-") return call.file(word, args.slice(index + 1));
  if (stdin.kind === "text" && stdin.text !== null) return shellText(call, stdin.text);
  return [opaque(call, "reads code from its input")];
}

/** The parser reads bash. Where another shell would read the same text differently, the text is opaque. */
function shellText(call: Call, text: string): Finding[] {
  const isPosix = /^(sh|dash|ash)$/.test(call.rule);
  const isOther = /^(zsh|ksh|mksh|fish)$/.test(call.rule);
  const differs = (isPosix && /\$['"]/.test(text)) || (isOther && !/^[\w\s./:@%+,"'&|;-]*$/.test(text));
  return differs ? [opaque(call, `${call.rule} may read this text differently`)] : call.script(text);
}

function opaque(call: { rule: string }, reason: string): Finding {
  return explicit(call, "opaque", reason, "execute-opaque", "none");
}

const calmNode =
  /^--(test|test-(?!reporter|global-setup)[\w-]+(=.*)?|test-reporter=(spec|tap|dot|junit|lcov)|watch|no-warnings|enable-source-maps|trace-[\w-]+|experimental-strip-types|experimental-transform-types|max-old-space-size=\d+|stack-trace-limit=\d+|unhandled-rejections=\w+|no-deprecation|expose-gc|experimental-(?!sea-config|default-config|config)[\w-]+|test-only|stack-size=\d+|conditions=[\w,]+|pending-deprecation|throw-deprecation)$/;

function judgeNode(call: Call): Finding[] {
  const { args } = call;
  if (args.length === 0) return [opaque(call, "reads code from its input")];
  const first = args[0]?.value ?? "";
  if (args.length === 1 && /^(-v|--version|-h|--help)$/.test(first))
    return [harmless(call.rule, "prints its version")];
  if ((first === "-c" || first === "--check") && args.length === 2)
    return [harmless("node.check", "only checks syntax"), ...readAll(call, args.slice(1))];
  const printed =
    /^(-p|-e|-pe|--print|--eval)$/.test(first) && args.length === 2 ? inline(call, "node", args[1]) : null;
  if (printed !== null) return printed;
  const index = args.findIndex((word) => !calmNode.test(word.value ?? ""));
  const isTest = args
    .slice(0, index === -1 ? args.length : index)
    .some((word) => /^--test$/.test(textOf(word)));
  if (index === -1) return isTest ? [projectCode(call)] : [opaque(call, "reads code from its input")];
  const isWatched = /^(tsx|ts-node)$/.test(call.rule) && textOf(args[index]) === "watch";
  const at = isWatched ? index + 1 : index;
  const script = args[at];
  if (script === undefined || script.value === null || script.value.startsWith("-"))
    return [opaque(call, "runs code given on the command line")];
  return call.file(script, args.slice(at + 1));
}

const pythonTools: Record<string, "read" | "project" | "write"> = {
  "json.tool": "read",
  pytest: "project",
  unittest: "project",
  mypy: "project",
  ruff: "project",
  flake8: "project",
  black: "project",
  isort: "project",
  pylint: "project",
  coverage: "project",
  tox: "project",
  nox: "project",
  build: "project",
  sphinx: "project",
  compileall: "write",
  py_compile: "write",
  venv: "write",
  doctest: "project",
  tabnanny: "read",
  calendar: "read",
  platform: "read",
  site: "read",
  this: "read",
  ast: "read",
  tokenize: "read",
  pyflakes: "project",
  pycodestyle: "project",
  pydocstyle: "project",
  bandit: "project",
  vulture: "project",
  radon: "project",
  pyright: "project",
  yapf: "project",
  autopep8: "project",
};

function judgePython(call: Call): Finding[] {
  const { args } = call;
  let index = 0;
  while (/^-([uBOEsSIqx]+|OO|i|W\w+|b+|d|v+)$/.test(args[index]?.value ?? "")) index += 1;
  const word = args[index];
  if (word === undefined) return [opaque(call, "reads code from its input")];
  if (args.length === 1 && /^(-V+|--version|-h|--help)$/.test(word.value ?? ""))
    return [harmless(call.rule, "prints its version")];
  if (word.value === "-m") return judgePythonModule(call, args.slice(index + 1));
  const printed = word.value === "-c" && index === 0 ? inline(call, "python", args[1]) : null;
  if (printed !== null) return printed;
  if (word.value === null || word.value.startsWith("-"))
    return [opaque(call, "runs code given on the command line")];
  return call.file(word, args.slice(index + 1));
}

/** What the code reads, when it certainly does no more than read, compute and print. */
function inline(call: Call, language: "python" | "node", code: Word | undefined): Finding[] | null {
  const pure = code?.value == null ? null : pureCode(language, code.value);
  if (pure === null || isFedFor(call, code?.value ?? "")) return null;
  return [
    pure.imports ? projectCode(call) : harmless(`${call.rule}.computes`, "computes and prints"),
    ...readAll(
      call,
      pure.reads.map((path) => literalWord(path)),
    ),
  ];
}

/** Something is piped in that the code does not read: then for what? A download before an interpreter is asked about. */
function isFedFor({ stdin }: Call, code: string): boolean {
  return (
    stdin.kind === "pipe" &&
    !code.includes("stdin") &&
    stdin.upstream.some((words) => /^(curl|wget|aria2c|http|https|xh|nc|ncat|socat)$/.test(textOf(words[0])))
  );
}

function judgePythonModule(call: Call, args: readonly Word[]): Finding[] {
  const [module, ...rest] = args;
  const name = module?.value ?? "";
  if (module !== undefined && name === "pip") return call.nested([module, ...rest]);
  const kind = Object.hasOwn(pythonTools, name) ? pythonTools[name] : undefined;
  const rule = { rule: `python.${name}`, place: call.place };
  // As the tool itself, and as what it says beyond running the project's code.
  if (kind === "project")
    return [
      projectCode(rule),
      ...call.nested([literalWord(name), ...rest]).filter((one) => one.rule !== "command.unknown"),
      ...outsideWords({ ...call, ...rule, args: rest }, [projectCode(rule)]),
    ];
  if (kind === "write")
    return [
      projectCode(rule),
      ...writeAll(
        call,
        rest.filter((word) => !textOf(word).startsWith("-")),
      ),
    ];
  if (kind === "read") {
    const operands = rest.filter((word) => !textOf(word).startsWith("-"));
    const second = name === "json.tool" ? operands.slice(1) : [];
    return [
      harmless(rule.rule, "transforms text"),
      ...readAll(call, operands.slice(0, 1)),
      ...writeAll(call, second),
      ...rest.filter((word) => word.splits).map(() => opaque(call, "takes words only known at run time")),
    ];
  }
  return [opaque(call, `module ${name || "?"} is not known to be harmless`)];
}
