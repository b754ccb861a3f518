import { literalWord, type Word } from "../parsed-command.ts";
import { type Finding, harmless } from "./finding.ts";
import { after, leadingText } from "./options.ts";
import {
  type Call,
  explicit,
  named,
  projectCode,
  type Row,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { guardRow, listens, opaque, publishes } from "./verbs.ts";

/** Builders, test runners and linters of the project: they run what the repository says. */
export const buildTools = (): Table => ({
  ...named(
    "pytest py.test unittest nose2 behave robot bats shellspec coverage mypy pyright basedpyright pyre pytype ty ruff flake8 pylint pydocstyle pycodestyle pyflakes vulture radon xenon interrogate isort black bandit safety deptry jest vitest mocha ava tap tape jasmine karma wdio eslint prettier biome stylelint tsc rollup esbuild swc babel terser uglifyjs sass lessc postcss tailwindcss svgo knip publint attw size-limit tsd tsup tsdown typedoc jsdoc syncpack sort-package-json lint-staged c8 nyc ts-prune unimported dependency-cruiser depcruise xo oxlint standard ansible-lint clang-tidy kotlinc svelte-check vue-tsc depcheck madge markdownlint markdownlint-cli2 markdownlint-cli mdl remark commitlint pdflatex bibtex biber makeindex typst sphinx-build sphinx-apidoc sphinx-quickstart doxygen taplo tflint yamale vale cspell alex textlint redocly spectral swagger-cli openapi-generator-cli graphql-codegen cython maturin pyinstaller nuitka rustfmt jscpd lizard cpplint",
    projectRow(),
  ),
  // These options hold code, start what they are told, open a port, send, or empty a folder.
  pylint: guardRow(projectRow(), ["init-hook"]),
  ...named("pytest py.test", guardRow(projectRow(), ["pastebin", "basetemp"])),
  jest: guardRow(projectRow(), ["cacheDirectory"]),
  vitest: guardRow(projectRow(), ["api", "ui", "browser"]),
  esbuild: guardRow(projectRow(), ["serve", "servedir"]),
  tsup: guardRow(projectRow(), ["onSuccess"]),
  tsdown: guardRow(projectRow(), ["on-success"]),
  xenon: guardRow(projectRow(), ["u", "url"]),
  "clang-tidy": guardRow(projectRow(), ["load"]),
  pdflatex: guardRow(projectRow(), ["shell-escape", "enable-write18"]),
  ...named("c8 nyc", {
    options:
      "r= reporter= a all check-coverage lines= branches= functions= statements= 100 n= include= x= exclude= silent s skip-full per-file src= e= extension= o= report-dir= reports-dir= temp-directory= clean no-clean exclude-after-remap produce-source-map source-map no-source-map instrument cache no-cache hook-require omit-relative watermarks= allowExternal resolve=",
    style: "first",
    wraps: true,
    judge: (call) => [
      projectCode(call),
      ...writeAll(call, valuesOf(call.scan, "o", "report-dir", "reports-dir", "temp-directory")),
      ...measured(call, call.scan.operands),
    ],
  }),
  coverage: {
    ...projectRow(),
    judge: (call) => {
      const at = call.args.findIndex((word) => word.value === "-m");
      const isModule = textOf(call.args[0]) === "run" && at > 0;
      return [
        ...projectRow().judge(call),
        ...(isModule ? measured(call, [literalWord("python3"), ...call.args.slice(at)]) : []),
      ];
    },
  },
  ...named(
    "gcc g++ cc c++ clang clang++ cpp gfortran nvcc emcc tcc ld as nasm yasm gas gold lld mold",
    compiler(),
  ),
});

/** A command of the project's own packages, or one of the machine. */
function measured(call: Call, words: readonly Word[]): Finding[] {
  if (/^(report|check-coverage|merge|instrument)$/.test(textOf(words[0])) || words.length === 0) return [];
  return call.nested(words).filter((one) => one.rule !== "command.unknown" && one.tier !== "none");
}

// They name a program, or code that the compiler loads.
const compilerCode = /^(-wrapper|-fplugin|-specs|-B|-load|-fpass-plugin|--plugin|-plugin|--config|-ccbin|@)/;
const compilerFacts =
  /^(-v|-###|--version|-dump(version|fullversion|machine|specs)|-print-[\w-]+(=.*)?|--print-[\w-]+(=.*)?|--help(=.*)?|-Q|-std=.*|-m[\w=+-]+)$/;

function compiler(): Row {
  const builds = projectRow();
  return {
    options: "any",
    judge: (call) => {
      if (call.args.length > 0 && call.args.every((word) => compilerFacts.test(textOf(word))))
        return [harmless(call.rule, "prints what it is")];
      const odd = call.args.find((word) => compilerCode.test(leadingText(word)));
      return odd === undefined
        ? builds.judge(call)
        : [
            explicit(
              call,
              "option",
              `${odd.text} makes the compiler load or run something`,
              "execute-opaque",
              "none",
            ),
          ];
    },
  };
}

// Of these, the first word is a subcommand that may hand the work over.
const lastIsOutput = /^(typst|sass|lessc|sphinx-build|svgo|swc|biber|alex)$/;
const manyVerbs = /^(maturin|redocly|safety|spectral|typst|tap)$/;
const handing = /^(publish|upload|push|login|auth|create|converge|destroy|prepare)$/;
const serving = /^(serve|preview-docs|preview)$/;

/** A formatter or compiler writes where it is told to, whatever the project's configuration says. */
function projectRow(): Row {
  return {
    options: "any",
    judge: (call) => {
      const inline = call.args.some((word) => word.value === "-c" || word.value === "--code");
      const [verb] = call.scan.operands;
      if (manyVerbs.test(call.rule) && handing.test(textOf(verb))) return publishes.judge(call);
      if (manyVerbs.test(call.rule) && serving.test(textOf(verb))) return listens.judge(call);
      // It runs what it is typed, and installs packages into itself.
      if (call.rule === "tap" && /^(repl|plugin)$/.test(textOf(verb))) return opaque.judge(call);
      if (call.rule === "black" && inline) return [harmless("black.code", "formats the text it is given")];
      // Their last operand is where the result goes.
      const last = lastIsOutput.test(call.rule) ? call.scan.operands.slice(-1) : [];
      const outside = writeAll(call, last).filter(
        (one) => one.tier === "deny" || one.rule === "write.outside",
      );
      return [projectCode(call), ...outputs(call), ...rewritten(call), ...outside];
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
