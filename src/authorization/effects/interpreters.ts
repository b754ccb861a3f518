import type { Word } from "../parse-command.ts";
import { judgeRead } from "../paths.ts";
import { effect, type Finding, finding, harmless } from "./finding.ts";
import {
  type Call,
  explicit,
  has,
  liveRead,
  named,
  project,
  projectCode,
  type Row,
  readAll,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

const npmHosts = ["registry.npmjs.org"];
const pythonHosts = ["pypi.org", "files.pythonhosted.org"];

/** Shells and language runtimes: a file of the worktree is the project's code, text is opaque unless it is shell. */
export const interpreters: Table = {
  ...named("sh bash dash zsh ksh ash rbash mksh fish", {
    options: "any",
    wraps: true,
    plain: true,
    judge: judgeShell,
  }),
  ...named("node nodejs bun deno tsx ts-node", { options: "any", wraps: true, judge: judgeNode }),
  ...named("python python3 python2 pypy pypy3", { options: "any", wraps: true, judge: judgePython }),
  npm: { options: "any", plain: true, judge: (call) => judgeNpm(call, "npm") },
  pnpm: { options: "any", plain: true, judge: (call) => judgeNpm(call, "pnpm") },
  yarn: { options: "any", plain: true, judge: (call) => judgeNpm(call, "yarn") },
  ...named("npx pnpx bunx", { options: "any", wraps: true, plain: true, judge: judgeNpx }),
  ...named("pip pip3", { options: "any", plain: true, judge: judgePip }),
  ...named("pipx uvx", {
    options: "any",
    plain: true,
    judge: (call) =>
      call.args[0]?.value === "list"
        ? [liveRead(call.rule)]
        : [explicit(call, "", "installs or runs downloaded programs", "package", "home")],
  }),
};

/** `sh -c TEXT` is the text itself; `sh FILE` the project's script; a bare shell reads code from whoever feeds it. */
function judgeShell(call: Call): Finding[] {
  const { args, stdin } = call;
  let index = 0;
  let isText = false;
  for (; index < args.length; index += 1) {
    const value = args[index]?.value;
    if (value == null) return [opaque(call, "a shell whose words are only known at run time")];
    if (!/^[-+]/.test(value) || value === "-") break;
    if (value === "--") {
      index += 1;
      break;
    }
    if (/^--(norc|noprofile|posix|login|restricted)$/.test(value)) continue;
    if (/^[-+]o$/.test(value)) {
      index += 1;
      continue;
    }
    if (!/^[-+][abefhklmnpstuvxBCEHPc]*o?$/.test(value))
      return [opaque(call, `${value} changes what the shell reads`)];
    if (value.includes("c")) isText = true;
    if (value.includes("s")) return [opaque(call, "reads code from its input")];
    if (value.endsWith("o")) index += 1;
  }
  const word = args[index];
  if (isText) {
    if (word?.value == null) return [opaque(call, "runs text that is only known at run time")];
    return call.script(word.value);
  }
  if (word !== undefined && word.value !== "-") return call.file(word);
  if (stdin.kind === "text" && stdin.text !== null) return call.script(stdin.text);
  return [opaque(call, "reads code from its input")];
}

function opaque(call: { rule: string }, reason: string): Finding {
  return explicit(call, "opaque", reason, "execute-opaque", "none");
}

const calmNode =
  /^--(test(-[\w-]+)?(=.*)?|watch|no-warnings|enable-source-maps|trace-[\w-]+|experimental-strip-types|experimental-transform-types|max-old-space-size=\d+|stack-trace-limit=\d+|unhandled-rejections=\w+)$/;

function judgeNode(call: Call): Finding[] {
  const { args } = call;
  if (args.length === 0) return [opaque(call, "reads code from its input")];
  const first = args[0]?.value ?? "";
  if (args.length === 1 && /^(-v|--version|-h|--help)$/.test(first))
    return [harmless(call.rule, "prints its version")];
  if (
    call.rule !== "node" &&
    call.rule !== "nodejs" &&
    !first.startsWith("-") &&
    /^(run|test|x|install|add|task|fmt|lint|check|eval|repl|serve|upgrade|publish)$/.test(first)
  ) {
    return /^(test|fmt|lint|check|task)$/.test(first)
      ? [projectCode(call)]
      : [opaque(call, `${first} may run anything`)];
  }
  if ((first === "-c" || first === "--check") && args.length === 2)
    return [harmless("node.check", "only checks syntax"), ...readAll(call, args.slice(1))];
  const index = args.findIndex((word) => !calmNode.test(word.value ?? ""));
  const isTest = args
    .slice(0, index === -1 ? args.length : index)
    .some((word) => /^--test$/.test(textOf(word)));
  if (index === -1) return isTest ? [projectCode(call)] : [opaque(call, "reads code from its input")];
  const script = args[index];
  if (script === undefined || script.value === null || script.value.startsWith("-"))
    return [opaque(call, "runs code given on the command line")];
  return call.file(script);
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
  timeit: "project",
  tabnanny: "read",
  calendar: "read",
  platform: "read",
  site: "read",
  this: "read",
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
  if (word.value === null || word.value.startsWith("-"))
    return [opaque(call, "runs code given on the command line")];
  return call.file(word);
}

function judgePythonModule(call: Call, args: readonly Word[]): Finding[] {
  const [module, ...rest] = args;
  const name = module?.value ?? "";
  if (name === "pip") return call.nested([{ ...(module as Word) }, ...rest]);
  const kind = Object.hasOwn(pythonTools, name) ? pythonTools[name] : undefined;
  const rule = { rule: `python.${name}`, place: call.place };
  if (kind === "project") return [projectCode(rule)];
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

const npmReads =
  /^(ls|list|ll|la|outdated|view|info|show|v|why|explain|explore-none|root|prefix|bin|fund|audit|ping|search|help|docs-none|pkg-none|doctor|version-none|licenses|query|sbom|explain|-v|--version|help-search)$/;
const npmInstalls =
  /^(ci|install|i|add|in|ins|install-test|it|update|up|upgrade|dedupe|ddp|uninstall|un|remove|rm|r|prune|rebuild|rb|install-ci-test|cit|import|fetch|clean-install|ic)$/;
const npmScripts = /^(test|t|tst|run|run-script|start|restart|build|pack|lint|dev|check|typecheck|format)$/;

function judgeNpm(call: Call, tool: string): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const before = words.findIndex((word) => !word.startsWith("-"));
  const separator = words.indexOf("--");
  const own = separator === -1 ? words : words.slice(0, separator);
  const verb = before === -1 ? (words[0] ?? (tool === "yarn" ? "install" : "help")) : (words[before] ?? "");
  if (call.args.slice(0, own.length).some((word) => word.value === null))
    return [opaque(call, "takes words only known at run time")];
  const odd = own.find((word) =>
    /^--(script-shell|shell|registry|userconfig|globalconfig|prefix|node-options|init-module|git|call|ignore-scripts=false|C|dir|cwd)|^-[gCc]|^--global|^--location/.test(
      word,
    ),
  );
  if (odd !== undefined)
    return [
      explicit(call, "option", `${odd} changes what is run or where it goes`, "execute-opaque", "host"),
    ];
  const rule = { rule: `${tool}.${verb.replace(/^-+/, "")}`, place: call.place };
  if (npmReads.test(verb) && !own.includes("fix")) return [harmless(rule.rule, "only reads")];
  if (verb === "audit") return [install(rule, npmHosts)];
  if (verb === "config" || verb === "c" || verb === "get")
    return own.includes("get") || own.includes("list") || own.includes("ls")
      ? [harmless(rule.rule)]
      : [explicit(rule, "set", "changes npm's configuration", "write", "home")];
  if (npmInstalls.test(verb)) {
    const odd2 = own
      .slice(before + 1)
      .find((word) => /^(https?:|git|file:|\.|\/|~|[\w-]+\/[\w-]+(#|$)|.*:)/.test(word));
    if (odd2 !== undefined && !/^(file:)?\.\.?\//.test(odd2))
      return [explicit(rule, "source", `${odd2} is not a package of the registry`, "package", "worktree")];
    return [install(rule, npmHosts)];
  }
  if (npmScripts.test(verb)) return [projectCode(rule)];
  if (
    tool !== "npm" &&
    !/^(publish|login|logout|add|dlx|exec|create|init|global|link|unlink|owner|access|token|deploy|env|setup|self-update|store|patch|patch-commit|config|set|node|plugin|npm|workspace|workspaces|tag|version)$/.test(
      verb,
    ) &&
    /^[\w:-]+$/.test(verb)
  )
    return [projectCode(rule)];
  return [
    explicit(
      rule,
      "",
      "publishes, runs downloaded code or changes the account",
      "network-send",
      "remote",
      words.join(" "),
    ),
  ];
}

function install(call: { rule: string; place: Call["place"] }, hosts: readonly string[]): Finding {
  const base = projectCode(call);
  if (base.tier !== "brief") return base;
  return {
    ...finding("brief", call.rule, "installs what the project depends on", [
      effect("package", call.rule, "worktree"),
      effect("network-read", hosts.join(" "), "remote"),
    ]),
    needs: hosts,
  };
}

/** Development tools commonly run through npx; anything else would be downloaded and run. */
const npxTools =
  /^(tsc|eslint|prettier|jest|vitest|mocha|biome|tsx|ts-node|rollup|vite|esbuild|webpack|knip|publint|stylelint|playwright|cypress|nyc|c8|ava|tap|lint-staged|markdownlint|markdownlint-cli|next|astro|svelte-check|vue-tsc|depcheck|madge|tsup|tsdown|turbo|nx|husky|commitlint|ncu|standard|xo|oxlint)$/;

function judgeNpx(call: Call): Finding[] {
  const rest = call.args.filter((word) => !/^(--no-install|--no|-q|--quiet)$/.test(textOf(word)));
  const name = rest[0]?.value ?? "";
  if (name === "nimrod") return call.nested(rest);
  if (npxTools.test(name)) return call.nested(rest);
  return [opaque(call, `${name || "npx"} may be downloaded and run`)];
}

function judgePip(call: Call): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const verb = words.find((word) => !word.startsWith("-")) ?? words[0] ?? "help";
  const rule = { rule: `pip.${verb.replace(/^-+/, "")}`, place: call.place };
  if (/^(list|freeze|show|check|help|--version|-V|--help|inspect|index|debug|hash)$/.test(verb))
    return [harmless(rule.rule, "only reads")];
  if (verb !== "install" && verb !== "download")
    return [explicit(rule, "", "changes the Python installation", "package", "home")];
  const at = words.indexOf(verb);
  const odd = words
    .slice(at + 1)
    .find((word) =>
      /:\/\/|^git\+|^\/|^~|\?|^--?(i|index-url|extra-index-url|f|find-links|trusted-host|proxy|target|t|prefix|root|user|break-system-packages|global-option|config-settings|cert|client-cert|src|log)(=|$)/.test(
        word,
      ),
    );
  if (odd !== undefined)
    return [explicit(rule, "source", `${odd} changes where packages come from or go`, "package", "host")];
  const files = words
    .flatMap((word, index) =>
      /^(-r|--requirement|-c|--constraint)$/.test(word) ? [call.args[index + 1]] : [],
    )
    .filter((word) => word !== undefined);
  return [install(rule, pythonHosts), ...files.flatMap((word) => judgeRead(call.place, word))];
}

/** Builders, test runners and linters of the project: they run what the repository says. */
export const projectTools: Table = {
  ...named(
    "pytest tox nox mypy ruff flake8 pylint isort black bandit pyright jest vitest mocha ava tap eslint prettier biome stylelint tsc rollup vite esbuild webpack knip publint tsup tsdown turbo nx lint-staged playwright cypress c8 nyc ansible-lint golangci-lint staticcheck gofmt goimports rustfmt clang-format clang-tidy ctest ninja gcc g++ cc clang clang++ javac kotlinc mvn gradle gradlew sbt bazel rspec rubocop rake phpunit phpstan dotnet mix swiftc meson scons just task pre-commit svelte-check vue-tsc depcheck madge markdownlint commitlint oxlint standard xo ncu yamllint pdflatex mkdocs sphinx-build hugo astro next typos taplo",
    projectRow(),
  ),
  make: {
    options:
      "# j= jobs=? k keep-going s silent quiet n just-print dry-run recon B always-make C= directory= f= file= makefile= t touch q question i w no-print-directory W= V l=? load-average=? O=? output-sync=? trace warn-undefined-variables e p r R",
    judge: judgeMake,
  },
  cmake: project(),
  cargo: {
    options: "any",
    plain: true,
    judge: (call) =>
      byVerb(
        call,
        /^(check|build|b|c|test|t|run|r|bench|clippy|fmt|doc|d|nextest)$/,
        /^(tree|metadata|search|version|help|pkgid|locate-project|info|read-manifest|verify-project|-V|--version|--list)$/,
        /^(fetch|update|add|remove|generate-lockfile|vendor)$/,
        ["crates.io", "index.crates.io", "static.crates.io"],
        /^(--config|-Z|--manifest-path|-C|\+)/,
      ),
  },
  go: {
    options: "any",
    plain: true,
    judge: (call) =>
      byVerb(
        call,
        /^(build|test|vet|run|generate|fmt|fix|tool)$/,
        /^(version|env|list|help|doc)$/,
        /^(mod|get)$/,
        ["proxy.golang.org", "sum.golang.org"],
        /^(-w|-u$|-exec|--exec|-toolexec|--toolexec|-C|-o|-vettool|--vettool)/,
      ),
  },
  ...named(
    "shellcheck hadolint actionlint checkov tflint yamale jsonlint xmllint vale cspell codespell proselint",
    {
      options: "any",
      judge: (call) => [harmless(call.rule, "only checks"), ...readAll(call, call.scan.operands)],
    },
  ),
  shfmt: {
    options:
      "l list d diff s simplify i= indent= bn binary-next-line ci case-indent sr space-redirects kp keep-padding fn func-next-line ln= language-dialect= p posix mn minify f find filename= w write",
    style: "word",
    judge: (call) =>
      has(call.scan, "w", "write")
        ? writeAll(call, call.scan.operands)
        : [harmless(call.rule, "only formats"), ...readAll(call, call.scan.operands)],
  },
};

function projectRow(): Row {
  return {
    options: "any",
    judge: (call) => {
      const inline = call.args.findIndex((word) => word.value === "-c" || word.value === "--code");
      if (call.rule === "black" && inline !== -1)
        return [harmless("black.code", "formats the text it is given")];
      const output = call.args.findIndex((word) =>
        /^(-o|--output|--out|--outfile|--outDir|--outdir)$/.test(textOf(word)),
      );
      const target = output === -1 ? undefined : call.args[output + 1];
      return [projectCode(call), ...(target === undefined ? [] : writeAll(call, [target]))];
    },
  };
}

function judgeMake(call: Call): Finding[] {
  const folders = valuesOf(call.scan, "C", "directory", "f", "file", "makefile");
  const outside = folders.flatMap((word) => call.file(word)).filter((one) => one.tier !== "brief");
  const odd = call.scan.operands.find((word) =>
    /^(SHELL|MAKEFLAGS|MAKEFILES|\.SHELLFLAGS|CC|CXX|LD|AR)\s*[:+?!]*=/.test(textOf(word)),
  );
  if (odd !== undefined)
    return [explicit(call, "variable", `${odd.text} changes what make runs`, "execute-opaque", "none")];
  return [projectCode(call), ...outside];
}

function byVerb(
  call: Call,
  runs: RegExp,
  readsOnly: RegExp,
  fetches: RegExp,
  hosts: readonly string[],
  refused: RegExp,
): Finding[] {
  const words = call.args.map((word) => word.value ?? "?");
  const verb = words[0] ?? "help";
  const rule = { rule: `${call.rule}.${verb.replace(/^[-+]+/, "")}`, place: call.place };
  const end = words.indexOf("--");
  const odd = (end === -1 ? words : words.slice(0, end)).find((word) => refused.test(word));
  if (odd !== undefined)
    return [
      explicit(rule, "option", `${odd} changes what is run or where it goes`, "execute-opaque", "none"),
    ];
  if (readsOnly.test(verb)) return [harmless(rule.rule, "only reads")];
  if (fetches.test(verb)) return [install(rule, hosts)];
  if (runs.test(verb)) return [projectCode(rule)];
  return [explicit(rule, "", "installs, publishes or is not known", "package", "host")];
}
