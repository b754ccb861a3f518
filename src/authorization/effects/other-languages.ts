import { type Call, explicit, type Group, named, type Row, type Table, textOf, writeAll } from "./row.ts";
import {
  asks,
  database,
  destroys,
  dryRun,
  each,
  edits,
  guard,
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

/** Package and build tools of Haskell, OCaml, Elixir, Erlang, Swift, Dart, Lua, Perl, Zig, Nim, Crystal, Julia and R. */

const help = "h help v version V verbose q quiet numeric-version";

function tool(subs: Table, refused = "", global = help): Group {
  return { global, bare: query, subs: refused === "" ? subs : guard(subs, refused) };
}

const builds: Row = {
  options: "any",
  judge: (call) => [...runs.judge(call), ...writeAll(call, valuesGiven(call, "o", "output", "output-dir"))],
};

const mix: Row = {
  options: "any",
  judge: (call) => {
    const task = textOf(call.scan.operands[0]);
    if (/^(help|deps|deps\.tree|hex\.info|app\.tree|xref|hex)$/.test(task) && call.scan.operands.length < 3)
      return query.judge(call);
    if (/^(hex\.outdated|hex\.audit|hex\.search|hex\.package)$/.test(task)) return asks.judge(call);
    if (/^(deps\.(get|update|unlock|compile))$/.test(task)) return installs.judge(call);
    if (
      /^(hex\.(publish|retire|owner|organization)|coveralls\.(?!html$|json$|detail$|lcov$|xml$|cobertura$)\w+|(?!assets\.)(.*\.)?deploy|edeliver|gigalixir)$/.test(
        task,
      )
    )
      return publishes.judge(call);
    if (/^hex\.user$/.test(task)) return secret.judge(call);
    if (
      /^(local\..*|archive\.(install|uninstall|build)|escript\.(install|uninstall)|hex\.(install|repo))$/.test(
        task,
      )
    )
      return machine.judge(call);
    if (/^(ecto\..*|ash\..*)$/.test(task))
      return /^ecto\.migrations$|^ecto\.gen\./.test(task) ? runs.judge(call) : database.judge(call);
    if (/^(phx\.server)$/.test(task)) return listens.judge(call);
    if (/^(deps\.clean|clean)$/.test(task)) return destroys.judge(call);
    if (task === "do") return opaque.judge(call);
    if (/^(run|eval|cmd)$/.test(task) && (task !== "run" || hasFlag(call, "-e", "--eval", "-r", "--require")))
      return opaque.judge(call);
    return runs.judge(call);
  },
};

const flutterDart = {
  ...each("analyze test format fix doc info run build gen-l10n drive", builds),
  pub: {
    global: "C= directory=",
    subs: {
      ...each("deps", query),
      outdated: asks,
      ...each("get add remove upgrade downgrade unpack", installs),
      run: runs,
      publish: dryRun("-n --dry-run", runs, publishes),
      ...each("global uploader login logout token", machine),
      cache: machine,
    },
  },
  ...each("doctor devices emulators channel help", query),
  ...each("create", edits),
  ...each("compile", builds),
  clean: destroys,
  ...each("upgrade config precache downgrade install", machine),
} satisfies Table;

export const otherLanguages = (): Table => ({
  cabal: tool(
    {
      ...each("list info path help status", query),
      outdated: asks,
      ...each("build v2-build test bench haddock check configure run gen-bounds sdist", builds),
      ...each("update fetch freeze get", installs),
      init: edits,
      install: machine,
      ...each("upload report", publishes),
      ...each("repl exec", opaque),
      clean: destroys,
      "user-config": settings,
    },
    "config-file with-compiler w project-dir",
  ),
  stack: tool(
    {
      ...each("path list ls dot query help", query),
      ...each("build test bench haddock sdist run", builds),
      ...each("update unpack", installs),
      ...each("init new", edits),
      ...each("install setup upgrade uninstall", machine),
      ...each("upload", publishes),
      ...each("exec ghci ghc runghc script eval", opaque),
      ...each("clean purge", destroys),
    },
    "stack-root with-gcc work-dir",
  ),
  ...named(
    "ghc runghc runhaskell",
    split(
      (call) =>
        call.args.length > 0 &&
        call.args.every((word) =>
          /^(-V|--version|--numeric-version|--info|--supported-extensions|--print-libdir)$/.test(
            textOf(word),
          ),
        ),
      query,
      split(
        (call) =>
          call.rule === "ghc" &&
          !hasFlag(call, "-e", "--interactive") &&
          !call.args.some((word) => /^-(e|pgm|F)/.test(textOf(word))),
        builds,
        opaque,
      ),
    ),
  ),
  ...named("hlint ormolu fourmolu stylish-haskell brittany weeder", runs),
  opam: tool(
    {
      ...each("list ls show info search var tree lint", query),
      ...each("install update upgrade remove uninstall reinstall init pin", machine),
      switch: split(
        (call) => isBare(call) || /^(list|show|list-available)$/.test(textOf(call.scan.operands[0])),
        query,
        machine,
      ),
      repository: split((call) => isBare(call) || textOf(call.scan.operands[0]) === "list", query, machine),
      config: split(
        (call) => /^(report|list|expand|var)$/.test(textOf(call.scan.operands[0])),
        query,
        settings,
      ),
      env: query,
      exec: {
        options: "any",
        wraps: true,
        judge: (call) => call.nested(call.args.slice(call.args.findIndex((word) => word.value === "--") + 1)),
      },
      publish: publishes,
      clean: destroys,
    },
    "root",
  ),
  dune: tool({
    ...each("build test runtest exec fmt describe promote", builds),
    init: edits,
    clean: destroys,
    ...each("utop top", opaque),
    ...each("install uninstall", machine),
    ...each("rules show", query),
    pkg: installs,
  }),
  ...named("ocamlformat ocamlfind ocamlopt ocamlc", runs),
  mix,
  elixir: split(
    (call) => call.args.length === 1 && /^(-v|--version|-h|--help)$/.test(textOf(call.args[0])),
    query,
    opaque,
  ),
  ...named("iex erl utop", opaque),
  elixirc: builds,
  rebar3: tool({
    // Its configuration may be a script.
    ...each("tree deps path", runs),
    ...each("help version", query),
    ...each("compile eunit ct proper dialyzer xref lint fmt edoc escriptize release tar cover as do", builds),
    ...each("get-deps upgrade update unlock lock", installs),
    ...each("new", edits),
    ...each("hex", publishes),
    ...each("shell", opaque),
    clean: destroys,
  }),
  gleam: tool({
    ...each("build check test run docs format", builds),
    ...each("add remove update deps", installs),
    new: edits,
    publish: publishes,
    hex: publishes,
    clean: destroys,
    ...each("shell", opaque),
  }),
  swift: tool(
    {
      ...each("build test run", builds),
      package: {
        global: "",
        subs: {
          ...each(
            "describe show-dependencies dump-package tools-version diagnose-api-breaking-changes show-executables completion-tool",
            { ...query, judge: runs.judge },
          ),
          ...each("resolve update", installs),
          init: edits,
          ...each("clean reset purge-cache", destroys),
          ...each("config add-dependency edit unedit", settings),
        },
      },
      format: split((call) => /^(lint)$/.test(textOf(call.scan.operands[0])), runs, edits),
    },
    "package-path",
  ),
  swiftc: builds,
  ...named("swiftlint swiftformat swift-format xcbeautify", runs),
  xcodebuild: {
    options: "any",
    judge: (call) =>
      hasFlag(
        call,
        "-list",
        "-showsdks",
        "-version",
        "-showBuildSettings",
        "-showdestinations",
        "-showTestPlans",
      )
        ? query.judge(call)
        : hasFlag(call, "-exportArchive", "-allowProvisioningUpdates")
          ? secret.judge(call)
          : runs.judge(call),
  },
  pod: tool({
    ...each("list search outdated env", asks),
    ...each("install update", installs),
    ...each("init", edits),
    lib: runs,
    trunk: publishes,
    repo: machine,
    cache: machine,
    deintegrate: destroys,
  }),
  ...named(
    "flutter dart",
    tool(flutterDart, "g", `${help} no-color suppress-analytics d= device-id= disable-analytics`),
  ),
  luarocks: tool(
    {
      ...each("list show doc lint help path which", query),
      search: asks,
      ...each("build make test pack", runs),
      ...each("install remove purge", machine),
      ...each("download unpack", installs),
      ...each("upload", publishes),
      config: split((call) => call.scan.operands.length < 2, query, settings),
      init: edits,
    },
    "server tree",
  ),
  ...named("luacheck stylua selene", runs),
  ...named(
    "cpan cpanm cpm",
    split(
      (call) =>
        hasFlag(call, "--info", "--version", "-v", "-l", "-D", "-O", "--help") &&
        !hasFlag(call, "-i", "-f", "--force"),
      asks,
      machine,
    ),
  ),
  ...named("perltidy perlcritic prove", runs),
  perldoc: {
    ...query,
    judge: (call) => (hasFlag(call, "-M", "-w", "-d") ? opaque.judge(call) : query.judge(call)),
  },
  zig: tool(
    {
      ...each("version env targets zen libc", query),
      fmt: split((call) => hasFlag(call, "--check"), query, edits),
      ...each("build build-exe build-lib build-obj test run ast-check translate-c cc c++", builds),
      fetch: installs,
      init: edits,
      std: listens,
    },
    "zig-lib-dir global-cache-dir build-runner",
  ),
  nim: tool({ ...each("check c cpp compile doc js dump r", builds), ...each("e secret", opaque) }),
  nimble: tool({
    ...each("list search path", query),
    // The package file is a program.
    ...each("dump tasks", runs),
    ...each("build test check develop run c", builds),
    ...each("install uninstall refresh", machine),
    ...each("publish", publishes),
    init: edits,
  }),
  crystal: tool({
    ...each("build run spec docs tool", builds),
    ...each("env version help", query),
    init: edits,
    ...each("eval play i", opaque),
  }),
  shards: tool({
    ...each("list version", query),
    ...each("build check", builds),
    ...each("install update outdated lock", installs),
    init: edits,
    prune: destroys,
  }),
  ...named("R octave", {
    options: "any",
    judge: (call: Call) => {
      if (call.args.length === 1 && /^(--version|-v|--help|-h)$/.test(textOf(call.args[0])))
        return query.judge(call);
      const at = call.args.findIndex(
        (word) =>
          !/^--(project(=[\w./@]*)?|vanilla|no-save|startup-file=no|color=\w+|slave|no-restore|quiet)$/.test(
            textOf(word),
          ),
      );
      const file = call.args[at];
      if (file === undefined || file.value === null || file.value.startsWith("-") || call.rule === "R")
        return [explicit(call, "opaque", "runs code given on the command line", "execute-opaque", "none")];
      return call.file(file, call.args.slice(at + 1));
    },
  }),
  ...named(
    "conan vcpkg",
    tool({
      ...each("list search version help", query),
      // A recipe is a program.
      ...each("inspect graph info", runs),
      ...each("install build test create export source new editable", installs),
      ...each("upload publish login", publishes),
      ...each("remove cache", destroys),
      ...each("config remote integrate", settings),
    }),
  ),
  ...named(
    "fpm alr",
    tool({
      ...each("build test run", builds),
      ...each("list show search help", query),
      ...each("publish", publishes),
      install: machine,
      new: edits,
    }),
  ),
  elm: tool({
    ...each("make", builds),
    install: installs,
    init: edits,
    ...each("publish bump", publishes),
    diff: asks,
    ...each("reactor", listens),
    repl: opaque,
  }),
  ...named("elm-test elm-format elm-review purs spago", runs),
  raco: tool({
    ...each("test make fmt docs expand", runs),
    pkg: split((call) => textOf(call.scan.operands[0]) === "show", query, machine),
    ...each("setup", machine),
  }),
});
