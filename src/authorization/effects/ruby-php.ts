import type { Finding } from "./finding.ts";
import { type Call, type Group, named, type Row, type Table, textOf, writeAll } from "./row.ts";
import {
  asks,
  database,
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
  publishes,
  query,
  runs,
  secret,
  settings,
  split,
  valuesGiven,
} from "./verbs.ts";

/** RubyGems, Bundler and Rails; Composer and what PHP projects run. */

const gem: Group = {
  global: "h help v version q quiet V verbose norc",
  bare: query,
  subs: guard(
    {
      ...each(
        "list contents dependency environment env which specification spec check info help stale",
        query,
      ),
      ...each("search query outdated", asks),
      sources: split(
        (call) =>
          isBare(call) &&
          !hasFlag(
            call,
            "-a",
            "--add",
            "-r",
            "--remove",
            "-c",
            "--clear-all",
            "-u",
            "--update",
            "--append",
            "--prepend",
          ),
        query,
        settings,
      ),
      build: {
        ...runs,
        judge: (call) => [...runs.judge(call), ...writeAll(call, valuesGiven(call, "o", "output"))],
      },
      ...each("fetch unpack", installs),
      // Gems go to the machine or the user's home.
      ...each("install i update uninstall pristine", machine),
      cleanup: dryRun("-n -d --dryrun --dry-run", query, destroys),
      ...each("push yank owner", publishes),
      ...each("signin signout cert", secret),
      server: listens,
      ...each("exec rebuild open", opaque),
    },
    "config-file source clear-sources s",
  ),
};

const bundle = (): Group => ({
  global: "no-color verbose V v version h help retry=",
  bare: installs,
  subs: guard(
    {
      ...each("list ls show info check platform licenses help version doctor env", query),
      ...each("outdated audit", asks),
      ...each("install i update remove lock package pack cache binstubs", installs),
      add: guardRow(installs, ["git", "github", "source", "s", "path"]),
      config: split(
        (call) =>
          isBare(call) ||
          /^(list|get)$/.test(textOf(call.scan.operands[0])) ||
          (call.scan.operands.length === 1 && !hasFlag(call, "--delete")),
        query,
        settings,
      ),
      exec: { options: "keep-file-descriptors", style: "first", wraps: true, judge: judgeExec },
      ...each("e", { options: "", style: "first", wraps: true, judge: judgeExec }),
      // A picture of what hangs on what.
      ...each("init gem viz graph", edits),
      ...each("console open", opaque),
      clean: dryRun("--dry-run", query, destroys),
      ...each("plugin", machine),
      pristine: destroys,
    },
    "system path gemfile",
  ),
});

/** A known command as itself; any other is a program that a gem of the project brings. */
function judgeExec(call: Call): Finding[] {
  const words = call.scan.operands;
  const [first] = words;
  if (first === undefined || first.value === null) return opaque.judge(call);
  const known = call.nested(words).filter((one) => one.rule !== "command.unknown" && one.tier !== "none");
  return [...runs.judge(call), ...known];
}

/** Tasks of Rails by their names: what touches a data store is not the project's code alone. */
const rails: Row = {
  options: "any",
  judge: (call) => {
    const verbs = call.scan.operands.map(textOf);
    // A value of an option before it may stand where the verb would.
    const [first = "", second = ""] = verbs;
    const verb =
      call.args.some((word) => /^-(e|-environment)$/.test(textOf(word))) &&
      !textOf(call.args[0]).match(/^[a-z]/)
        ? second
        : first;
    if (/^(console|c|dbconsole|db|runner|r|credentials:.*|encrypted:.*|secrets:.*)$/.test(verb))
      return opaque.judge(call);
    if (/^(server|s)$/.test(verb)) return listens.judge(call);
    if (
      verbs.some(
        (each) =>
          /^(db|data|action_text|active_storage|assets:clobber|tmp|log):/.test(each) &&
          !/^db:(version|migrate:status|abort_if_pending_migrations)$/.test(each) &&
          !/^assets:/.test(each),
      )
    )
      return database.judge(call);
    if (verb === "new") return opaque.judge(call);
    return verbs.some((each) => /^(destroy|d|app:template|deploy)$/.test(each))
      ? destroys.judge(call)
      : runs.judge(call);
  },
};

/** rake runs tasks; those that change a data store or hand the work over say so in their names. */
const rake: Row = {
  options: "any",
  judge: (call) => {
    const names = call.scan.operands.map(textOf);
    if (call.args.some((word) => /^-(e|p|E|r)|^--(execute|require)/.test(textOf(word))))
      return opaque.judge(call);
    if (names.some((name) => /^db:(?!version$|migrate:status$)/.test(name))) return database.judge(call);
    return names.some((name) => /^(release|deploy|publish)(:|$)/.test(name))
      ? publishes.judge(call)
      : runs.judge(call);
  },
};

const composer = (): Group => ({
  global:
    "q quiet v vv vvv verbose n no-interaction ansi no-ansi profile no-plugins no-scripts no-cache V version h help",
  bare: query,
  subs: guard(
    {
      ...each(
        "show info licenses depends why prohibits why-not status suggests check-platform-reqs validate diagnose about list help fund",
        query,
      ),
      ...each("outdated audit search", asks),
      ...each(
        "install i update u upgrade require r remove rm reinstall dump-autoload dumpautoload bump",
        installs,
      ),
      ...each("run-script run", {
        options: "any",
        judge: (call) =>
          (/^(deploy|publish|release)/.test(textOf(call.scan.operands[0])) ? publishes : runs).judge(call),
      }),
      ...each("test build lint cs stan check phpstan phpcs psalm", runs),
      exec: { options: "l list", style: "first", wraps: true, judge: judgeExec },
      init: edits,
      config: split(
        (call) =>
          (hasFlag(call, "-l", "--list") && !hasFlag(call, "-a", "--auth")) ||
          (call.scan.operands.length === 1 &&
            !hasFlag(call, "--unset", "-e", "--editor") &&
            !/token|oauth|auth|basic|bearer|password/.test(textOf(call.scan.operands[0]))),
        query,
        settings,
      ),
      ...each("archive", runs),
      ...each("browse home", runs),
      "create-project": opaque,
      ...each("global self-update selfupdate", machine),
      ...each("clear-cache clearcache cc", destroys),
    },
    "working-dir d repository repository-url g global",
  ),
});

/** Laravel's console, which projects bring along. */
const artisan: Row = {
  options: "any",
  judge: (call) => {
    const name = textOf(call.scan.operands[0]);
    if (
      /^(migrate(:.*)?|db(:.*)?|schema:dump|queue:(flush|clear|forget))$/.test(name) &&
      name !== "migrate:status"
    )
      return database.judge(call);
    if (/^(serve|octane:start|reverb:start|websockets:serve)$/.test(name)) return listens.judge(call);
    return /^(tinker|down|up|env:.*)$/.test(name) ? opaque.judge(call) : runs.judge(call);
  },
};

export const rubyPhp = (): Table => ({
  artisan,
  gem,
  ...named("bundle bundler", bundle()),
  rails,
  rake,
  ...named(
    "rspec rubocop standardrb reek brakeman minitest cucumber haml-lint slim-lint erb_lint erblint sorbet srb steep yard ronn guard",
    runs,
  ),
  "bundle-audit": asks,
  ...named("puma unicorn thin rackup passenger sidekiq shotgun", listens),
  ...named("cap mina", publishes),
  jekyll: {
    global: "",
    subs: {
      ...each("build b doctor hyde", runs),
      ...each("serve s server", listens),
      ...each("new", edits),
      clean: destroys,
    },
  },
  composer: composer(),
  ...named(
    "phpunit phpstan psalm phpcs php-cs-fixer phpcbf pest rector phan phpmd infection deptrac pint",
    runs,
  ),
  phpize: runs,
  pecl: {
    global: "",
    subs: {
      ...each("list info help", query),
      ...each("search remote-info", asks),
      ...each("install uninstall upgrade", machine),
    },
  },
});
