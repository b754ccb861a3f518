import { type Finding, harmless } from "./finding.ts";
import { after, leadingText } from "./options.ts";
import { install } from "./packages.ts";
import {
  type Call,
  explicit,
  has,
  named,
  project,
  projectCode,
  type Row,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";

/** Builders, test runners and linters of the project: they run what the repository says. */
export const buildTools: Table = {
  ...named(
    "pytest tox nox mypy ruff flake8 pylint isort black bandit pyright jest vitest mocha ava tap eslint prettier biome stylelint tsc rollup vite esbuild webpack knip publint tsup tsdown turbo nx lint-staged playwright cypress c8 nyc ansible-lint golangci-lint staticcheck gofmt goimports rustfmt clang-format clang-tidy ctest ninja gcc g++ cc clang clang++ javac kotlinc mvn gradle gradlew sbt bazel rspec rubocop rake phpunit phpstan dotnet mix swiftc meson scons just task pre-commit svelte-check vue-tsc depcheck madge markdownlint commitlint oxlint standard xo ncu yamllint pdflatex mkdocs sphinx-build hugo astro next typos taplo actionlint checkov tflint yamale vale cspell codespell proselint",
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
        ["remote:registry"],
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
        ["remote:registry"],
        /^(-w|-exec|--exec|-toolexec|--toolexec|-C|-vettool|--vettool)/,
      ),
  },
  ...named("shellcheck hadolint", {
    options: "any",
    judge: (call) => [harmless(call.rule, "only checks"), ...readAll(call, call.scan.operands)],
  }),
  xmllint: reads("noout format valid wellformed schema= dtdvalid= xpath= nonet recover html", "word"),
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

/** A formatter or compiler writes where it is told to, whatever the project's configuration says. */
function projectRow(): Row {
  return {
    options: "any",
    judge: (call) => {
      const inline = call.args.some((word) => word.value === "-c" || word.value === "--code");
      if (call.rule === "black" && inline) return [harmless("black.code", "formats the text it is given")];
      return [projectCode(call), ...outputs(call), ...rewritten(call)];
    },
  };
}

const outputOption = /^(-o|--output|--out|--outfile|--outDir|--outdir)(=|$)/;

function outputs(call: Call): Finding[] {
  return call.args.flatMap((word, index) => {
    const head = leadingText(word);
    const found = outputOption.exec(head);
    if (found === null) return /^-o[./~]/.test(head) ? writeAll(call, [after(word, 2)]) : [];
    const target = found[2] === "=" ? after(word, found[0].length) : call.args[index + 1];
    return target === undefined ? [] : writeAll(call, [target]);
  });
}

function rewritten(call: Call): Finding[] {
  const always = /^(black|isort|rustfmt|goimports)$/.test(call.rule);
  const asked = call.args.some((word) =>
    /^(--write|--fix|-w|-i|--in-place|--inplace|--apply)$/.test(textOf(word)),
  );
  return always || asked
    ? writeAll(call, call.scan.operands).filter((one) => one.tier === "deny" || one.rule === "write.frozen")
    : [];
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
  if (verb === "run" && words.slice(1).some((word) => word.includes("@"))) {
    return [explicit(rule, "download", "downloads a program and runs it", "execute-opaque", "none")];
  }
  if (readsOnly.test(verb)) return [harmless(rule.rule, "only reads")];
  if (fetches.test(verb)) return [install(rule, hosts)];
  if (runs.test(verb)) return [projectCode(rule), ...outputs(call)];
  return [explicit(rule, "", "installs, publishes or is not known", "package", "host")];
}
