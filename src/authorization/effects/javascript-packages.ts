import { literalWord } from "../parsed-command.ts";
import { bun } from "./bun.ts";
import { deno } from "./deno.ts";
import { byWord, elsewhere, install, judgeNpx, npm, readSetting, script, scriptCode } from "./npm.ts";
import { leadingText } from "./options.ts";
import { type Group, named, type Row, type Table, textOf } from "./row.ts";
import {
  asks,
  commits,
  destroys,
  dryRun,
  each,
  edits,
  guard,
  guardRow,
  hasFlag,
  installs,
  machine,
  opaque,
  publishes,
  query,
  runs,
  secret,
  settings,
  split,
} from "./verbs.ts";

/** npm, pnpm, Yarn, Bun and Deno: what they install stays in the worktree, and scripts are the project's own. */

/** Runs what its name says: a known tool as itself, anything else as the project's script of that name. */
const scriptOrTool: Row = {
  options: "any",
  judge: (call) => {
    const verb = call.rule.slice(call.rule.indexOf(".") + 1);
    if (!/^[\w:.-]+$/.test(verb)) return opaque.judge(call);
    const known = call
      .nested([literalWord(verb), ...call.args])
      .filter((one) => one.rule !== "command.unknown" && one.tier !== "none");
    return [scriptCode(call, verb), ...known];
  },
};

/** `exec TOOL`: of the project's own folder, or of the machine. */
const execRow: Row = {
  options: "any",
  wraps: true,
  judge: (call) => {
    const rest = call.args.slice(call.args.findIndex((word) => word.value === "--") + 1);
    const [first] = rest;
    return first === undefined || leadingText(first).startsWith("-") ? opaque.judge(call) : call.nested(rest);
  },
};

const pnpm: Group = {
  global:
    "r recursive w workspace-root s silent F= filter= filter-prod= test-pattern= changed-files-ignore-pattern= color no-color aggregate-output stream parallel if-present no-bail bail sort no-sort workspace-concurrency= use-stderr reporter= loglevel= yes include-workspace-root ignore-workspace fail-if-no-match frozen-lockfile no-frozen-lockfile offline prefer-offline v version h help resume-from= report-summary",
  bare: query,
  subs: {
    ...guard(
      each("ls list la ll why root bin licenses help cat-file cat-index find-hash", query),
      "global-dir dir C",
    ),
    ...guard(
      {
        ...each("outdated view info show search doctor ping whoami", asks),
        audit: split((call) => hasFlag(call, "--fix"), edits, asks),
        store: { global: "", subs: { ...each("path status", query), add: installs, prune: destroys } },
        ...each("config c", byWord("get list", readSetting, settings)),
        get: readSetting,
        env: byWord("list ls", query, machine),
        ...each(
          "install i install-test it add update up upgrade remove rm uninstall un fetch prune rebuild rb dedupe import ci clean-install",
          install,
        ),
        ...each("run run-script", script),
        ...each("test t tst start restart stop", runs),
        pack: runs,
        exec: execRow,
        init: edits,
        ...each("patch patch-commit patch-remove approve-builds ignored-builds", edits),
        ...each("dlx create", opaque),
        publish: dryRun("--dry-run", runs, publishes),
        ...each("unpublish deprecate owner access star dist-tag team deploy server", publishes),
        ...each("login logout adduser token profile", secret),
        ...each("self-update setup link ln unlink", machine),
        cache: { global: "", subs: { ...each("list list-registries view", query), delete: destroys } },
        ...each("set node npm plugin global edit", settings),
        version: commits,
        "*": scriptOrTool,
      },
      elsewhere,
    ),
  },
};

const yarnNpm: Group = {
  global: "",
  subs: {
    ...each("info audit whoami", asks),
    tag: byWord("list ls", asks, publishes),
    ...each("publish", publishes),
    ...each("login logout", secret),
  },
};

const yarn = (): Group => ({
  global:
    "s silent verbose json offline prefer-offline frozen-lockfile immutable immutable-cache check-cache non-interactive no-progress ignore-scripts ignore-engines ignore-optional production=? network-timeout= pure-lockfile check-files v version h help mode= inline-builds",
  bare: installs,
  subs: guard(
    {
      ...each("why list licenses bin help versions check explain", query),
      ...each("info outdated audit search doctor", asks),
      stage: split((call) => hasFlag(call, "-n", "--dry-run"), query, commits),
      npm: yarnNpm,
      ...each("config c", byWord("get list", readSetting, settings)),
      workspaces: {
        global: "json",
        bare: query,
        subs: {
          ...each("list info", query),
          focus: installs,
          ...each("run", script),
          foreach: {
            options:
              "A all R recursive v verbose p parallel i interlaced j= jobs= t topological topological-dev W worktree since=? from= include= exclude= no-private dry-run n",
            style: "first",
            wraps: true,
            judge: (call) => call.nested([literalWord("yarn"), ...call.scan.operands]),
          },
        },
      },
      workspace: {
        options: "any",
        wraps: true,
        judge: (call) =>
          call.args.length < 2
            ? opaque.judge(call)
            : call.nested([literalWord("yarn"), ...call.args.slice(1)]),
      },
      ...each("install add remove up upgrade upgrade-interactive rebuild import unplug", install),
      dedupe: split((call) => hasFlag(call, "--check", "-c"), query, installs),
      ...each("run run-script", script),
      ...each("test start constraints", runs),
      exec: execRow,
      node: {
        options: "any",
        wraps: true,
        judge: (call) => call.nested([literalWord("node"), ...call.args]),
      },
      pack: dryRun("-n --dry-run", query, runs),
      ...each("init patch patch-commit generate-lock-entry autoclean", edits),
      version: commits,
      plugin: byWord("list runtime", query, opaque),
      cache: byWord("list dir", query, destroys),
      global: byWord("list bin dir", query, machine),
      ...each("dlx create set policies self-update", opaque),
      ...each("publish unpublish owner tag team access deploy", publishes),
      ...each("login logout token", secret),
      ...each("link unlink", machine),
      "*": scriptOrTool,
    },
    "cwd registry use-yarnrc modules-folder global-folder link-folder cache-folder prefix proxy https-proxy script-shell",
  ),
});

export const javascriptPackages = (): Table => ({
  npm,
  pnpm,
  yarn: yarn(),
  yarnpkg: yarn(),
  bun,
  deno,
  ...named("npx pnpx bunx", { options: "any", wraps: true, plain: true, judge: judgeNpx }),
  ...named(
    "ncu npm-check-updates",
    guardRow(
      split((call) => hasFlag(call, "-u", "--upgrade", "-i", "--interactive"), edits, asks),
      ["g", "global", "configFilePath", "registry", "doctor", "prefix"],
    ),
  ),
  ...named("license-checker npm-check npm-run-all run-s run-p", runs),
  corepack: { global: "", subs: { ...each("enable disable install use up hydrate prepare pack", machine) } },
  ...named("lerna changeset semantic-release release-it np", handing("publish version tag")),
  ...named("surge gh-pages", publishes),
  ...named("rimraf del-cli", destroys),
});

/** Tools around a release: some of their words hand it over. */
function handing(words: string): Row {
  const known = new Set(words.split(" "));
  return {
    options: "any",
    judge: (call) => {
      const isRelease =
        call.scan.operands.some((one) => known.has(textOf(one)) || textOf(one) === "deploy") ||
        /^(semantic-release|release-it|np)$/.test(call.rule);
      return isRelease && !hasFlag(call, "--dry-run", "-d") ? publishes.judge(call) : runs.judge(call);
    },
  };
}
