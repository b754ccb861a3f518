import { literalWord } from "../parsed-command.ts";
import { isInWorktree } from "../paths.ts";
import type { Finding } from "./finding.ts";
import { leadingText } from "./options.ts";
import {
  type Call,
  explicit,
  type Group,
  named,
  projectCode,
  type Row,
  type Table,
  textOf,
  writeAll,
} from "./row.ts";
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
  isBare,
  listens,
  machine,
  opaque,
  ownWords,
  publishes,
  query,
  runs,
  secret,
  settings,
  split,
  valuesGiven,
} from "./verbs.ts";

/** npm, pnpm, Yarn, Bun and Deno: what they install stays in the worktree, and scripts are the project's own. */

// What is run, where it goes, who is asked.
const elsewhere =
  "script-shell shell registry userconfig globalconfig prefix node-options init-module init.module git call c g global location C dir cwd config-dir global-dir https-proxy proxy";

const secretSetting = /(_auth|authToken|_password|:key|:cert|token|^key$|username)/i;

/** `config get KEY`: a registry's credentials are settings, too. */
const readSetting: Row = {
  options: "any",
  judge: (call) => {
    const odd = call.args.find((word) => word.value === null || secretSetting.test(word.value));
    return odd === undefined
      ? query.judge(call)
      : [explicit(call, "secret", `${odd.text} may be a credential`, "credential-read", "home")];
  },
};

/** A script whose name says that it hands the work to others. */
const handsOver = /^(deploy|publish|release|ship|upload|push)([:._-].*)?$/;

export function scriptCode(call: Call, name: string): Finding {
  return handsOver.test(name)
    ? explicit(call, "release", `${name} hands the work to others`, "network-send", "remote", name)
    : projectCode(call);
}

/** `run NAME`; without a name it lists. */
const script: Row = {
  options: "any",
  judge: (call) => {
    const name = call.scan.operands[0];
    if (name === undefined) return query.judge(call);
    if (name.value === null) return opaque.judge(call);
    return [scriptCode(call, name.value)];
  },
};

const foreign =
  /^(https?:|git|ssh:|file:|\/|~|\.\.\/|[\w-]+\/[\w.-]+(#|$)|[\w-]+:|.*@(https?|git|file|github|gitlab|bitbucket|gist|ssh)[:+])/;

/** Packages of a registry, or of the worktree; an address is code of nobody knows whom. */
const install: Row = {
  options: "any",
  judge: (call) => {
    const odd = ownWords(call).find((word) => {
      const text = textOf(word);
      if (text.startsWith("-") || /^(npm|workspace|catalog|jsr):/.test(text)) return false;
      const isFolder = /^(file:)?\.{0,2}\//.test(text);
      return (
        foreign.test(text) && !(isFolder && isInWorktree(call.place, literalWord(text.replace(/^file:/, ""))))
      );
    });
    return odd === undefined
      ? installs.judge(call)
      : [explicit(call, "source", `${odd.text} is not a package of the registry`, "package", "worktree")];
  },
};

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

const calm =
  "s silent d dd q quiet verbose json parseable p l long no-color color=? timing offline prefer-offline prefer-online no-audit no-fund audit=? fund=? no-progress progress=? loglevel= w= workspace= workspaces ws include-workspace-root iwr omit= include= production ignore-scripts legacy-peer-deps yes y v version h help if-present depth= a all cache= no-update-notifier";

const npm: Group = {
  global: calm,
  subs: {
    ...guard(
      each(
        "ls list la ll explain why fund query sbom completion help help-search find-dupes licenses root prefix bin",
        query,
      ),
      "node-options git script-shell",
    ),
    ...guard(
      each("outdated view info show v ping search s se find doctor whoami diff stars", asks),
      "registry userconfig globalconfig node-options git proxy https-proxy",
    ),
    ...guard(
      {
        audit: split(
          (call) => textOf(call.scan.operands[0]) === "fix" || hasFlag(call, "--fix"),
          installs,
          asks,
        ),
        ...each("dist-tag dist-tags", byWord("ls list", asks, publishes)),
        access: byWord("ls list get ls-packages", asks, publishes),
        ...each("owner author", byWord("ls list", asks, publishes)),
        ...each("team org", byWord("ls list", asks, publishes)),
        profile: byWord("get", asks, secret),
        ...each("config c", byWord("get list ls", readSetting, settings)),
        get: readSetting,
        pkg: byWord("get", query, edits),
        cache: {
          global: "",
          subs: { ...each("ls list", query), verify: edits, ...each("add clean clear rm", destroys) },
        },
        ...each(
          "ci clean-install ic install-clean isntall-clean install i in ins inst isntall add install-test it cit install-ci-test update up upgrade udpate dedupe ddp uninstall un unlink remove rm r prune rebuild rb import",
          install,
        ),
        ...each("run run-script rum urn", script),
        ...each("test t tst start stop restart", runs),
        pack: {
          ...runs,
          judge: (call) => [...runs.judge(call), ...writeAll(call, valuesGiven(call, "pack-destination"))],
        },
        version: split(isBare, query, commits),
        ...each("init create innit", split(isBare, edits, opaque)),
        ...each("exec x", execNpm()),
        ...each("shrinkwrap", edits),
        ...each("link ln", machine),
        ...each("docs repo bugs home", runs),
        publish: dryRun("--dry-run", runs, publishes),
        ...each("unpublish deprecate undeprecate star unstar hook", publishes),
        ...each("token login logout adduser add-user", secret),
        ...each("edit explore", opaque),
        set: settings,
      },
      elsewhere,
    ),
  },
};

/** A first word that decides; without one it reads. */
function byWord(words: string, yes: Row, no: Row): Row {
  const known = new Set(words.split(" "));
  return split((call) => isBare(call) || known.has(textOf(call.scan.operands[0])), yes, no);
}

function execNpm(): Row {
  return {
    options: "any",
    wraps: true,
    judge: (call) => judgeNpx({ ...call, args: call.args.filter((word) => word.value !== "--") }),
  };
}

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

const yarn: Group = {
  global:
    "s silent verbose json offline prefer-offline frozen-lockfile immutable immutable-cache check-cache non-interactive no-progress ignore-scripts ignore-engines ignore-optional production=? network-timeout= pure-lockfile check-files v version h help mode= inline-builds",
  bare: installs,
  subs: guard(
    {
      ...each("why list licenses bin help versions check stage explain", query),
      ...each("info outdated audit search doctor", asks),
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
};

const bunFlags =
  "b bun silent smol watch hot no-clear-screen if-present i no-install v version revision h help elide-lines= filter= F= no-warnings";

const bun: Group = {
  global: bunFlags,
  bare: query,
  subs: guard(
    {
      ...each("outdated audit info why", asks),
      ...each("install i ci add a remove rm update", install),
      ...each("link unlink", machine),
      pm: {
        global: "",
        bare: query,
        subs: {
          ...each("ls list bin hash hash-string hash-print whoami untrusted default-trusted why", query),
          cache: split(isBare, query, destroys),
          pkg: byWord("get", query, edits),
          ...each("trust migrate version", edits),
          pack: runs,
        },
      },
      run: { options: "any", judge: judgeBunRun },
      test: runs,
      build: {
        ...runs,
        judge: (call) => [...runs.judge(call), ...writeAll(call, valuesGiven(call, "outfile", "outdir"))],
      },
      init: edits,
      ...each("patch", edits),
      publish: dryRun("--dry-run", runs, publishes),
      ...each("x", { options: "any", wraps: true, judge: judgeNpx }),
      ...each("create c repl exec getcompletes feedback", opaque),
      upgrade: machine,
      "*": {
        options: "any",
        judge: (call) =>
          judgeBunRun({ ...call, args: [literalWord(call.rule.replace(/^bun\./, "")), ...call.args] }),
      },
    },
    "e eval p print r preload require import define config c cwd registry g global inspect inspect-brk inspect-wait env-file shell",
  ),
};

/** `bun run X` is a script of package.json, or a file. */
function judgeBunRun(call: Call): Finding[] {
  const index = call.args.findIndex((word) => !leadingText(word).startsWith("-"));
  const first = call.args[index];
  if (first === undefined) return query.judge(call);
  if (first.value === null || first.value === "-") return opaque.judge(call);
  if (/[/.]/.test(first.value)) return call.file(first, call.args.slice(index + 1));
  return [scriptCode(call, first.value)];
}

const denoCalm = "q quiet L= log-level= v version V h help unstable";

const deno: Group = {
  global: denoCalm,
  bare: opaque,
  subs: guard(
    {
      ...each("info doc types completions help", query),
      outdated: split((call) => hasFlag(call, "-u", "--update"), installs, asks),
      audit: asks,
      fmt: split((call) => hasFlag(call, "--check"), query, edits),
      ...each("test bench check lint task coverage ci", runs),
      ...each("add install i cache remove rm uninstall update vendor approve-scripts", install),
      ...each("compile bundle", {
        ...runs,
        judge: (call) => [
          ...judgeDenoRun(call),
          ...writeAll(call, valuesGiven(call, "o", "output", "outdir")),
        ],
      }),
      run: { options: "any", judge: judgeDenoRun },
      init: edits,
      publish: dryRun("--dry-run", runs, publishes),
      ...each("deploy sandbox", publishes),
      serve: listens,
      upgrade: machine,
      clean: destroys,
      ...each("eval repl jupyter x create", opaque),
      "*": {
        options: "any",
        judge: (call) =>
          judgeDenoRun({ ...call, args: [literalWord(call.rule.replace(/^deno\./, "")), ...call.args] }),
      },
    },
    "g global root preload import require inspect inspect-brk inspect-wait v8-flags cert location env-file unsafely-ignore-certificate-errors",
  ),
};

function judgeDenoRun(call: Call): Finding[] {
  const takesValue =
    /^(-c|--config|--import-map|--lock|--ext|-o|--output|--target|--icon|--include|--node-modules-dir)$/;
  const index = call.args.findIndex(
    (word, at) => !leadingText(word).startsWith("-") && !takesValue.test(textOf(call.args[at - 1])),
  );
  const file = call.args[index];
  if (file === undefined || file.value === null || /^[a-z]+:/i.test(file.value)) return opaque.judge(call);
  return /[/.]/.test(file.value)
    ? call.file(file, call.args.slice(index + 1))
    : [scriptCode(call, file.value)];
}

/** Development tools commonly run through npx; anything else would be downloaded and run. */
const npxTools =
  /^(tsc|eslint|prettier|jest|vitest|mocha|biome|tsx|ts-node|rollup|vite|esbuild|webpack|knip|publint|stylelint|playwright|cypress|nyc|c8|ava|tap|lint-staged|markdownlint|markdownlint-cli|markdownlint-cli2|next|nuxt|astro|svelte-check|vue-tsc|depcheck|madge|tsup|tsdown|turbo|nx|husky|commitlint|ncu|standard|xo|oxlint|tsd|attw|size-limit|syncpack|sort-package-json|tailwindcss|postcss|sass|typedoc|jsdoc|storybook|ng|vue-cli-service|parcel|swc|babel|cspell|dprint|license-checker|ts-prune|unimported|dependency-cruiser|depcruise|karma|jasmine|cucumber-js|wdio|gulp|grunt|rimraf|concurrently|cross-env|wait-on|serve|http-server|json-server|live-server|prisma|drizzle-kit|wrangler|vercel|netlify|firebase|semantic-release|release-it|changeset|lerna|np|gh-pages|surge)$/;

function judgeNpx(call: Call): Finding[] {
  const rest = call.args.filter((word) => !/^(--no-install|--no|-q|--quiet)$/.test(textOf(word)));
  const name = rest[0]?.value ?? "";
  if (name === "nimrod" || npxTools.test(name)) return call.nested(rest);
  if (/^(--version|-v|--help|-h)$/.test(name) && rest.length === 1) return query.judge(call);
  return [explicit(call, "opaque", `${name || "npx"} may be downloaded and run`, "execute-opaque", "none")];
}

export const javascriptPackages: Table = {
  npm,
  pnpm,
  yarn,
  yarnpkg: yarn,
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
};

/** Tools around a release: some of their words hand it over. */
function handing(words: string): Row {
  const known = new Set(words.split(" "));
  return {
    options: "any",
    judge: (call) => {
      const word = textOf(call.scan.operands[0]);
      const isRelease = known.has(word) || /^(semantic-release|release-it|np)$/.test(call.rule);
      return isRelease && !hasFlag(call, "--dry-run", "-d") ? publishes.judge(call) : runs.judge(call);
    },
  };
}
