import { literalWord } from "../parsed-command.ts";
import { isInWorktree } from "../paths.ts";
import type { Finding } from "./finding.ts";
import {
  type Call,
  explicit,
  type Group,
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
  hasFlag,
  installs,
  isBare,
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

/** npm and npx, and what the other managers share with them. */

// What is run, where it goes, who is asked.
export const elsewhere =
  "script-shell shell registry userconfig globalconfig prefix node-options init-module init.module git call c g global location C dir cwd config-dir global-dir https-proxy proxy browser viewer config.script-shell config.shell config.registry config.git config.global config.node-options";

const secretSetting = /(_auth|authToken|_password|:key|:cert|token|^key$|username)/i;

/** `config get KEY`: a registry's credentials are settings, too. */
export const readSetting: Row = {
  options: "any",
  judge: (call) => {
    const odd = call.args.find((word) => word.value === null || secretSetting.test(word.value));
    return odd === undefined
      ? query.judge(call)
      : [explicit(call, "secret", `${odd.text} may be a credential`, "credential-read", "home")];
  },
};

/** A script whose name says that it hands the work to others. */
export const handsOver =
  /^(pre|post)?(deploy|publish|release|ship|upload|push)([:._-].*)?$|[:._-](deploy|publish|upload|push|ship)([:._-]|$)/;

export function scriptCode(call: Call, name: string): Finding {
  return handsOver.test(name)
    ? explicit(call, "release", `${name} hands the work to others`, "network-send", "remote", name)
    : projectCode(call);
}

/** `run NAME`; without a name it lists. */
export const script: Row = {
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
export const install: Row = {
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

const calm =
  "s silent d dd q quiet verbose json parseable p l long no-color color=? timing offline prefer-offline prefer-online no-audit no-fund audit=? fund=? no-progress progress=? loglevel= w= workspace= workspaces ws include-workspace-root iwr omit= include= production ignore-scripts legacy-peer-deps yes y v version h help if-present depth= a all cache= no-update-notifier";

export const npm: Group = {
  global: calm,
  subs: {
    ...guard(
      placed(
        "ls list la ll explain why fund query sbom completion help help-search find-dupes licenses root prefix bin",
        query,
      ),
      "node-options git script-shell browser viewer",
    ),
    ...guard(
      placed("outdated view info show v ping search s se find doctor whoami diff stars", asks),
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

/** They only look, and keep a log and what they fetched where they are told to. */
function placed(names: string, row: Row): Table {
  const judge = (call: Call): Finding[] => [
    ...row.judge(call),
    ...writeAll(call, valuesGiven(call, "logs-dir", "logs-di", "logs-d", "cache")),
  ];
  return each(names, { ...row, judge });
}

/** A first word that decides; without one it reads. */
export function byWord(words: string, yes: Row, no: Row): Row {
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

/** Development tools commonly run through npx; anything else would be downloaded and run. */
const npxTools =
  /^(tsc|eslint|prettier|jest|vitest|mocha|biome|tsx|ts-node|rollup|vite|esbuild|webpack|knip|publint|stylelint|playwright|cypress|nyc|c8|ava|tap|lint-staged|markdownlint|markdownlint-cli|markdownlint-cli2|next|nuxt|astro|svelte-check|vue-tsc|depcheck|madge|tsup|tsdown|turbo|nx|husky|commitlint|ncu|standard|xo|oxlint|tsd|attw|size-limit|syncpack|sort-package-json|tailwindcss|postcss|sass|typedoc|jsdoc|storybook|ng|vue-cli-service|parcel|swc|babel|cspell|dprint|license-checker|ts-prune|unimported|dependency-cruiser|depcruise|karma|jasmine|cucumber-js|wdio|gulp|grunt|rimraf|concurrently|cross-env|wait-on|serve|http-server|json-server|live-server|prisma|drizzle-kit|wrangler|vercel|netlify|firebase|semantic-release|release-it|changeset|lerna|np|gh-pages|surge)$/;

export function judgeNpx(call: Call): Finding[] {
  const rest = call.args.filter((word) => !/^(--no-install|--no|-q|--quiet)$/.test(textOf(word)));
  const name = rest[0]?.value ?? "";
  if (name === "nimrod" || npxTools.test(name)) return call.nested(rest);
  if (/^(--version|-v|--help|-h)$/.test(name) && rest.length === 1) return query.judge(call);
  return [explicit(call, "opaque", `${name || "npx"} may be downloaded and run`, "execute-opaque", "none")];
}
